/** Numbers, sizes and times as the member's language writes them. */
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A size: steps of 1,000, as its units mean; three digits. */
export function sizeText(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const unit = UNITS[step] ?? 'byte';
  const value = bytes / 1000 ** step;
  const digits = step === 0 || value >= 100 ? 0 : 1;
  const unitDisplay = unit === 'byte' ? 'long' : 'short';
  const format = { style: 'unit', unit, unitDisplay, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(undefined, format).format(value);
}

/** A duration in its largest unit. */
export function durationText(seconds: number): string {
  const [value, unit] =
    seconds >= 2 * 86_400
      ? [seconds / 86_400, 'day']
      : seconds >= 3600
        ? [seconds / 3600, 'hour']
        : seconds >= 60
          ? [seconds / 60, 'minute']
          : [Math.max(1, seconds), 'second'];
  const format = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(undefined, format).format(Math.ceil(value));
}

const SPANS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** A span that was chosen, exactly: in the largest unit that divides it. */
export function spanText(seconds: number): string {
  const [length, unit] = SPANS.find(([one]) => seconds % one === 0) ?? [1, 'second'];
  const format = { style: 'unit', unit, unitDisplay: 'long' } as const;
  return new Intl.NumberFormat(undefined, format).format(seconds / length);
}

/** A moment near now, relative; farther ones as a date. */
export function whenText(moment: number, now: number): string {
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  const past = Math.max(0, now - moment);
  if (past < MINUTE_MS) return relative.format(0, 'minute');
  if (past < HOUR_MS) return relative.format(-Math.floor(past / MINUTE_MS), 'minute');
  if (past < DAY_MS) return relative.format(-Math.floor(past / HOUR_MS), 'hour');
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(
    moment,
  );
}

/** A moment in full. */
export function momentText(moment: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' }).format(
    moment,
  );
}
