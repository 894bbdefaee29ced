import type { LogRow, Series } from '../api/loki';
import type { Buckets } from '../chart/histogram';
import { type Window, nanosToMs } from '../time/range';
import { rowLevel, toLevel } from './level';

/** The window, widened to the borders of buckets. */
export function alignWindow(window: Window, stepMs: number): Window {
  return { from: Math.floor(window.from / stepMs) * stepMs, to: Math.ceil(window.to / stepMs) * stepMs };
}

export function toBuckets(series: Series[], window: Window, stepMs: number): Buckets {
  const counts: Buckets['counts'] = new Map();
  for (const { labels, points } of series) {
    const level = toLevel(labels['detected_level']);
    for (const [ms, count] of points) {
      const bucket = counts.get(ms) ?? {};
      bucket[level] = (bucket[level] ?? 0) + count;
      counts.set(ms, bucket);
    }
  }
  return { counts, window, stepMs };
}

/** Counts live rows in, and moves the window on to `now`. */
export function advance(buckets: Buckets, rows: readonly LogRow[], now: number): Buckets {
  const { stepMs } = buckets;
  const span = buckets.window.to - buckets.window.from;
  const to = Math.max(buckets.window.to, Math.ceil(now / stepMs) * stepMs);
  const window = { from: to - span, to };
  const counts: Buckets['counts'] = new Map();
  for (const [end, bucket] of buckets.counts) if (end > window.from) counts.set(end, { ...bucket });
  for (const row of rows) {
    const end = Math.ceil(nanosToMs(row.ns) / stepMs) * stepMs;
    if (end <= window.from || end > window.to) continue;
    const bucket = counts.get(end) ?? {};
    const level = rowLevel(row);
    bucket[level] = (bucket[level] ?? 0) + 1;
    counts.set(end, bucket);
  }
  return { counts, window, stepMs };
}
