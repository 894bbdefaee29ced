import type { LogRow } from '../api/loki';

/** In the order in which a histogram's bar is stacked, from the axis up. */
export const kLevels = ['unknown', 'trace', 'debug', 'info', 'warn', 'error', 'critical'] as const;
export type Level = (typeof kLevels)[number];

const kAliases: Record<string, Level> = {
  trace: 'trace', debug: 'debug', info: 'info', information: 'info', notice: 'info',
  warn: 'warn', warning: 'warn', error: 'error', err: 'error',
  critical: 'critical', crit: 'critical', fatal: 'critical', alert: 'critical', emerg: 'critical', panic: 'critical',
};

export function toLevel(text: string | undefined): Level {
  return kAliases[(text ?? '').toLowerCase()] ?? 'unknown';
}

export function rowLevel(row: LogRow): Level {
  return toLevel(row.metadata['detected_level'] ?? row.parsed['detected_level'] ?? row.stream['detected_level'] ?? row.stream['level']);
}
