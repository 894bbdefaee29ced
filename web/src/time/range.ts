/** A time range as the user chose it: relative to now, or fixed. Times are ms since the epoch. */
export type TimeRange = { kind: 'last'; ms: number } | { kind: 'fixed'; from: number; to: number };

export interface Window {
  from: number;
  to: number;
}

const kUnits: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const kPresets = ['5m', '15m', '1h', '6h', '24h', '7d'] as const;
export const kDefaultRange: TimeRange = { kind: 'last', ms: 3_600_000 };

/** "15m" -> ms; undefined if it isn't a duration of one unit. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  if (!match) return undefined;
  const ms = Number(match[1]) * kUnits[match[2]!]!;
  return ms > 0 ? ms : undefined;
}

/** The shortest text that parseDuration() reads back; whole seconds. */
export function formatDuration(ms: number): string {
  const preset = kPresets.find((text) => parseDuration(text) === ms);
  if (preset) return preset;
  for (const unit of ['d', 'h', 'm'] as const) if (ms % kUnits[unit]! === 0) return `${ms / kUnits[unit]!}${unit}`;
  return `${Math.max(1, Math.round(ms / 1000))}s`;
}

export function resolveRange(range: TimeRange, now: number): Window {
  return range.kind === 'last' ? { from: now - range.ms, to: now } : { from: range.from, to: range.to };
}

const kSteps = ['1s', '2s', '5s', '10s', '15s', '30s', '1m', '2m', '5m', '10m', '15m', '30m', '1h', '2h', '3h', '6h', '12h', '1d'];

/** A round step (ms) that cuts the window into at most `buckets` pieces. */
export function roundStep(window: Window, buckets: number): number {
  const wanted = (window.to - window.from) / buckets;
  for (const text of kSteps) {
    const step = parseDuration(text)!;
    if (step >= wanted) return step;
  }
  return Math.ceil(wanted / kUnits['d']!) * kUnits['d']!;
}

/** Value for <input type="datetime-local" step="1">, in the browser's time zone. */
export function toLocalInput(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

export function formatClock(ms: number, withMillis = false): string {
  const date = new Date(ms);
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return withMillis ? `${clock}.${pad(date.getMilliseconds(), 3)}` : clock;
}

export function formatDay(ms: number): string {
  return new Date(ms).toLocaleDateString(undefined, { month: 'short', day: 'numeric' });
}

/** An axis label that fits the window: seconds when short, days when long. */
export function formatTick(ms: number, window: Window): string {
  const span = window.to - window.from;
  if (span > 2 * kUnits['d']!) return `${formatDay(ms)} ${formatClock(ms).slice(0, 5)}`;
  return span > 10 * kUnits['m']! ? formatClock(ms).slice(0, 5) : formatClock(ms);
}

/** "2026-11-21 00:12:03.123456789" in local time, from ns since the epoch. */
export function formatNanos(ns: string): string {
  const ms = nanosToMs(ns);
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${formatClock(ms)}.${ns.slice(-9).padStart(9, '0')}`;
}

export function nanosToMs(ns: string): number {
  return Number(BigInt(ns) / 1_000_000n);
}

export function msToNanos(ms: number): string {
  return `${Math.round(ms)}000000`;
}
