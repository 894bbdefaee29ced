import { useState } from 'preact/hooks';

import { formatByteRate, formatBytes, formatCount, formatPercent } from '../chart/format';
import { LineChart } from '../chart/line_chart';
import { type Fields, type HostState, kHostWindowMs } from './host_feed';

type SortKey = 'cpu_percent' | 'memory_bytes';
const kMaxProcesses = 50;

function formatAge(startNs: string | undefined): string {
  const seconds = Math.floor(Date.now() / 1000 - Number(startNs ?? NaN) / 1e9);
  if (!Number.isFinite(seconds) || seconds < 0) return '';
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`;
  return `${Math.floor(seconds / 86_400)}d ${Math.floor((seconds % 86_400) / 3600)}h`;
}

function Processes({ processes }: { processes: Fields[] }) {
  const [sort, setSort] = useState<SortKey>('cpu_percent');
  const sorted = [...processes].sort((a, b) => Number(b[sort]) - Number(a[sort])).slice(0, kMaxProcesses);
  const head = (key: SortKey, text: string) => (
    <th class="number" aria-sort={sort === key ? 'descending' : 'none'}>
      <button type="button" onClick={() => setSort(key)}>{text}{sort === key ? ' ↓' : ''}</button>
    </th>
  );
  return (
    <section class="panel">
      <h2>Processes</h2>
      <div class="table-box">
        <table>
          <thead><tr><th class="number">PID</th><th>User</th>{head('cpu_percent', 'CPU')}{head('memory_bytes', 'Memory')}<th>Up</th><th>Command</th></tr></thead>
          <tbody>{sorted.map((process) => (
            <tr key={`${process['host'] ?? ''} ${process['pid'] ?? ''}`}>
              <td class="number">{process['pid']}</td><td>{process['user']}</td>
              <td class="number">{formatPercent(Number(process['cpu_percent']))}</td>
              <td class="number">{formatBytes(Number(process['memory_bytes']))}</td>
              <td class="nowrap">{formatAge(process['start_time'])}</td>
              <td class="command" title={process['command']}>{process['command']}</td>
            </tr>
          ))}</tbody>
        </table>
        {sorted.length === 0 && <p class="muted note">Waiting for the next process report (every 5 seconds).</p>}
      </div>
    </section>
  );
}

function Filesystems({ filesystems }: { filesystems: Fields[] }) {
  if (filesystems.length === 0) return null;
  const sorted = [...filesystems].sort((a, b) => Number(b['used_percent']) - Number(a['used_percent']));
  return (
    <section class="panel">
      <h2>Filesystems</h2>
      <div class="table-box">
        <table>
          <thead><tr><th>Mount</th><th>Type</th><th class="number">Used</th><th class="number">Size</th><th>Full</th></tr></thead>
          <tbody>{sorted.map((mount) => {
            const percent = Number(mount['used_percent']);
            return (
              <tr key={mount['mount']}>
                <td title={mount['device']}>{mount['mount']}</td><td class="muted">{mount['type']}</td>
                <td class="number">{formatBytes(Number(mount['used_bytes']))}</td><td class="number">{formatBytes(Number(mount['total_bytes']))}</td>
                <td><span class="full"><meter min={0} max={100} high={85} low={70} optimum={0} value={percent} />{formatPercent(percent)}</span></td>
              </tr>
            );
          })}</tbody>
        </table>
      </div>
    </section>
  );
}

export function HostView({ host }: { host: HostState }) {
  const { points, memory } = host;
  const to = Math.max(Date.now() - 10_000, ...Object.values(points).map((line) => line.at(-1)?.[0] ?? 0));
  const window = { from: to - kHostWindowMs, to };
  const memoryTitle = memory['total_bytes']
    ? `Memory: ${formatBytes(Number(memory['used_bytes']))} of ${formatBytes(Number(memory['total_bytes']))}` : 'Memory';
  return (
    <main class="host">
      <div class="charts">
        <LineChart title={host.cores > 0 ? `CPU (${host.cores} cores)` : 'CPU'} window={window} format={formatPercent} max={100} lines={[
          { name: 'busy', points: points.cpu }, { name: 'user', points: points.cpuUser },
          { name: 'system', points: points.cpuSystem }, { name: 'I/O wait', points: points.cpuIoWait }]} />
        <LineChart title={memoryTitle} window={window} format={formatPercent} max={100} lines={[{ name: 'used', points: points.memory }]} />
        <LineChart title="Disk" window={window} format={formatByteRate} lines={[
          { name: 'read', points: points.diskRead }, { name: 'written', points: points.diskWritten }]} />
        <LineChart title="Network" window={window} format={formatByteRate} lines={[
          { name: 'received', points: points.received }, { name: 'sent', points: points.sent }]} />
        <LineChart title="Load" window={window} format={formatCount} lines={[
          { name: '1 min', points: points.load1 }, { name: '5 min', points: points.load5 }, { name: '15 min', points: points.load15 }]} />
      </div>
      <Processes processes={host.processes} />
      <Filesystems filesystems={host.filesystems} />
    </main>
  );
}
