/** Light or dark: what the member chose, else what the device says. */
import { useSyncExternalStore } from 'react';

import { keep, readKept } from '../kept';

export type Mode = 'light' | 'dark';

const KEY = 'sharethings.mode';
const listeners = new Set<() => void>();

function stored(): Mode | null {
  const value = readKept(KEY);
  return value === 'light' || value === 'dark' ? value : null;
}

function device(): MediaQueryList {
  return matchMedia('(prefers-color-scheme: dark)');
}

function current(): Mode {
  return stored() ?? (device().matches ? 'dark' : 'light');
}

function apply(): void {
  const root = document.documentElement;
  root.classList.toggle('dark', current() === 'dark');
  root.classList.toggle('light', current() === 'light');
  for (const listener of listeners) listener();
}

/** Follow the device from now on; call once before the first rendering. */
export function startMode(): void {
  device().addEventListener('change', apply);
  apply();
}

export function toggleMode(): void {
  keep(KEY, current() === 'dark' ? 'light' : 'dark');
  apply();
}

export function useMode(): Mode {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, current);
}
