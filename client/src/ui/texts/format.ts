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

const SPANS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

function unitText(count: number, unit: (typeof SPANS)[number][1]): string {
  const format = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(undefined, format).format(count);
}

/** About how long: in the largest unit of which there are two, or one without a rest. */
export function durationText(seconds: number): string {
  for (const [at, [length, unit]] of SPANS.entries()) {
    const finer = SPANS[at + 1]?.[0] ?? 1;
    const rounded = Math.round(seconds / finer) * finer;
    if (rounded === length || rounded >= 2 * length) return unitText(rounded / length, unit);
  }
  return unitText(1, 'second');
}

/** A span that was chosen, exactly: in the largest unit that divides it. */
export function spanText(seconds: number): string {
  const [length, unit] = SPANS.find(([one]) => seconds % one === 0) ?? [1, 'second'];
  return unitText(seconds / length, unit);
}

/** A moment near now, relative; farther ones as a date. */
export function whenText(moment: number, now: number): string {
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  const past = Math.max(0, now - moment);
  if (past < MINUTE_MS) return relative.format(0, 'second');
  if (past < HOUR_MS) return relative.format(-Math.floor(past / MINUTE_MS), 'minute');
  if (past < DAY_MS) return relative.format(-Math.floor(past / HOUR_MS), 'hour');
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(
    moment,
  );
}

/** The time of day at which a moment is over, by the minute. */
export function clockText(moment: number): string {
  const minute = Math.ceil(moment / MINUTE_MS) * MINUTE_MS;
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(minute);
}

/** A moment in full. */
export function momentText(moment: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' }).format(
    moment,
  );
}
