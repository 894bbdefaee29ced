import { useEffect, useState } from 'preact/hooks';

import { type LogRow, queryLogs, querySeries } from '../api/loki';
import { openTail } from '../api/tail';
import { msToNanos, nanosToMs } from '../time/range';

/** What the strip and the host view draw: one line each, over the last ten minutes. */
const kMeasures = {
  cpu: { source: 'cpu', field: 'busy_percent', sum: false },
  cpuUser: { source: 'cpu', field: 'user_percent', sum: false },
  cpuSystem: { source: 'cpu', field: 'system_percent', sum: false },
  cpuIoWait: { source: 'cpu', field: 'iowait_percent', sum: false },
  load1: { source: 'load', field: 'load1', sum: false },
  load5: { source: 'load', field: 'load5', sum: false },
  load15: { source: 'load', field: 'load15', sum: false },
  memory: { source: 'memory', field: 'used_percent', sum: false },
  diskRead: { source: 'disk', field: 'read_bytes_per_second', sum: true },
  diskWritten: { source: 'disk', field: 'written_bytes_per_second', sum: true },
  received: { source: 'network', field: 'received_bytes_per_second', sum: true },
  sent: { source: 'network', field: 'sent_bytes_per_second', sum: true },
} as const;

export type Measure = keyof typeof kMeasures;
export type Points = [ms: number, value: number][];
export type Fields = Record<string, string>;

export interface HostState {
  points: Record<Measure, Points>;
  memory: Fields;
  processes: Fields[];
  filesystems: Fields[];
  cores: number;
}

export const kHostWindowMs = 600_000;
const kStepMs = 5000;
const kStrip: Measure[] = ['cpu', 'memory', 'diskRead', 'diskWritten', 'received', 'sent'];
const kEveryMeasure = Object.keys(kMeasures) as Measure[];
const kSnapshotMs = 15_000; // processes are reported every 5 s

/** The loopback interface tells of the machine talking to itself. */
const kNotLoopback = 'interface!="lo"';

function measureQuery(measure: Measure): string {
  const { source, field, sum } = kMeasures[measure];
  const filter = source === 'network' ? ` | ${kNotLoopback}` : '';
  // Grouped at once: otherwise every other field of a record would make a series of its own.
  const by = source === 'disk' ? 'host, device' : source === 'network' ? 'host, interface' : 'host';
  return `${sum ? 'sum' : 'avg'}(avg_over_time({source="${source}"}${filter} | unwrap ${field} [${kStepMs / 1000}s]) by (${by}))`;
}

/** A metric record's fields, from wherever the answer carries them. */
function fieldsOf(row: LogRow): Fields {
  return { ...row.stream, ...row.metadata, ...row.parsed };
}

/** Adds the values of live records; those of one source and time belong together (devices are summed). */
function addRows(state: HostState, rows: LogRow[]): HostState {
  const points = { ...state.points };
  let { memory, cores } = state;
  const groups = new Map<string, Fields[]>();
  for (const row of rows) {
    const fields = fieldsOf(row);
    if (fields['interface'] === 'lo') continue;
    const key = `${fields['source'] ?? ''} ${nanosToMs(row.ns)}`;
    groups.set(key, [...(groups.get(key) ?? []), fields]);
  }
  for (const [key, records] of [...groups].reverse()) {
    const [source, time] = key.split(' ');
    const ms = Number(time);
    if (source === 'memory') memory = records[0]!;
    if (source === 'cpu') cores = Number(records[0]!['cores']) || cores;
    for (const measure of kEveryMeasure) {
      const { source: wanted, field, sum } = kMeasures[measure];
      if (wanted !== source) continue;
      const values = records.map((fields) => Number(fields[field])).filter(Number.isFinite);
      if (values.length === 0) continue;
      const value = values.reduce((a, b) => a + b) / (sum ? 1 : values.length);
      points[measure] = [...points[measure].filter(([at]) => at > ms - kHostWindowMs && at < ms), [ms, value]];
    }
  }
  return { ...state, points, memory, cores };
}

/** The latest record per key (a pid, a mount), of those that are not older than the last report. */
function latest(rows: LogRow[], key: string): Fields[] {
  const found = new Map<string, { ms: number; fields: Fields }>();
  let newest = 0;
  for (const row of rows) {
    const fields = fieldsOf(row);
    const name = `${fields['host'] ?? ''} ${fields[key] ?? ''}`;
    const ms = nanosToMs(row.ns);
    newest = Math.max(newest, ms);
    if (ms > (found.get(name)?.ms ?? 0)) found.set(name, { ms, fields });
  }
  return [...found.values()].filter(({ ms }) => ms > newest - 2500).map(({ fields }) => fields);
}

const kNothing: HostState = {
  points: Object.fromEntries(kEveryMeasure.map((measure) => [measure, []])) as unknown as HostState['points'],
  memory: {}, processes: [], filesystems: [], cores: 0,
};

const isSource = (row: LogRow, source: string): boolean => row.stream['source'] === source;

/** The host's measures: asked for once, then followed. `detailed` adds what the host view shows. */
export function useHostFeed(detailed: boolean): HostState {
  const [state, setState] = useState(kNothing);
  useEffect(() => {
    const abort = new AbortController();
    const now = Math.floor(Date.now() / kStepMs) * kStepMs;
    const window = { from: now - kHostWindowMs, to: now };
    for (const measure of detailed ? kEveryMeasure : kStrip)
      querySeries(measureQuery(measure), window, kStepMs, abort.signal).then((series) => {
        const history = series[0]?.points ?? [];
        const last = history.at(-1)?.[0] ?? 0;
        setState((state) => ({
          ...state,
          points: { ...state.points, [measure]: [...history, ...state.points[measure].filter(([ms]) => ms > last)] },
        }));
      }, () => undefined); // the strip stays empty; the search tells of errors
    const sources = detailed ? 'cpu|load|memory|disk|network|process|filesystem' : 'cpu|memory|disk|network';
    let processRows: LogRow[] = [];
    let mountRows: LogRow[] = [];
    const addDetails = (rows: LogRow[]): void => {
      const since = Date.now() - kSnapshotMs;
      processRows = [...rows.filter((row) => isSource(row, 'process')), ...processRows].filter((row) => nanosToMs(row.ns) > since);
      const mounts = rows.filter((row) => isSource(row, 'filesystem'));
      if (mounts.length > 0) mountRows = mounts;
      setState((state) => ({ ...state, processes: latest(processRows, 'pid'), filesystems: latest(mountRows, 'mount') }));
    };
    if (detailed) {
      const to = Date.now();
      queryLogs('{source=~"process|filesystem"}', msToNanos(to - kSnapshotMs), msToNanos(to), 1000, abort.signal)
        .then(addDetails, () => undefined);
    }
    const close = openTail(`{source=~"${sources}"}`, {
      rows: (rows) => {
        setState((state) => addRows(state, rows));
        if (detailed && rows.some((row) => isSource(row, 'process') || isSource(row, 'filesystem'))) addDetails(rows);
      },
      state: () => undefined,
    });
    return () => {
      abort.abort();
      close();
    };
  }, [detailed]);
  return state;
}
