/**
 * Where the state of a session lives: changes go in, whoever subscribed is told.
 *
 * Progress changes many times a second; its listeners are told ten times a second at most.
 */
import { type Change, emptySession, reduce, type SessionModel, viewOf } from './session';
import type { SessionState } from './model';

const PROGRESS_EVERY_MS = 100;

export class StateStore {
  #model: SessionModel;
  #view: SessionState;
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(sessionName: string, memberName: string) {
    this.#model = emptySession(sessionName, memberName);
    this.#view = viewOf(this.#model);
  }

  /** The state with every change so far, for the store's own decisions. */
  get model(): SessionModel {
    return this.#model;
  }

  /** The state as last published; the same object until the next publication. */
  readonly getState = (): SessionState => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  dispatch(change: Change): void {
    const next = reduce(this.#model, change);
    if (next === this.#model) return;
    this.#model = next;
    if (isProgress(change)) {
      this.#timer ??= setTimeout(this.#publish, PROGRESS_EVERY_MS);
    } else {
      this.#publish();
    }
  }

  readonly #publish = (): void => {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#view = viewOf(this.#model);
    for (const listener of [...this.#listeners]) listener();
  };
}

function isProgress(change: Change): boolean {
  if (change.kind === 'progress') return true;
  if (change.kind !== 'activity') return false;
  return change.activity.kind === 'sending' || change.activity.kind === 'saving';
}
