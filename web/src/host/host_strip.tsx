import { type Format, formatByteRate, formatPercent, roundUp } from '../chart/format';
import { linePath } from '../chart/line_chart';
import { useWidth } from '../chart/use_width';
import { type HostState, type Points, kHostWindowMs } from './host_feed';

const kHeight = 34;

function Sparkline({ lines, max }: { lines: Points[]; max: number | undefined }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const to = Math.max(...lines.map((points) => points.at(-1)?.[0] ?? 0));
  const toX = (ms: number): number => width - ((to - ms) / kHostWindowMs) * width;
  const top = max ?? roundUp(Math.max(1, ...lines.flatMap((points) => points.map(([, value]) => value))));
  const toY = (value: number): number => kHeight - 1.5 - (value / top) * (kHeight - 4);
  return (
    <div class="spark" ref={box} aria-hidden="true">
      <svg width={width} height={kHeight}>
        {lines.map((points, i) => {
          if (points.length < 2) return null;
          const path = linePath(points, toX, toY);
          return <g key={i}>
            {i === 0 && <path class="spark-area" d={`${path}L${toX(to)} ${kHeight}L${toX(points[0]![0])} ${kHeight}Z`} />}
            <path class={`line line-${i}`} d={path} />
          </g>;
        })}
      </svg>
    </div>
  );
}

function Card({ title, values, lines, format, max }: {
  title: string; values: [mark: string, points: Points][]; lines: Points[]; format: Format; max?: number;
}) {
  return (
    <div class="card">
      <div class="card-head">
        <span class="card-title">{title}</span>
        <span class="card-values">{values.map(([mark, points]) => {
          const last = points.at(-1);
          return <span key={mark}>{mark !== '' && <span class="muted">{mark} </span>}{last ? format(last[1]) : '–'}</span>;
        })}</span>
      </div>
      <Sparkline lines={lines} max={max} />
    </div>
  );
}

export function HostStrip({ host, open, onToggle }: { host: HostState; open: boolean; onToggle: () => void }) {
  const { points } = host;
  return (
    <button type="button" class="strip" aria-expanded={open} onClick={onToggle}
      title={open ? 'Back to the logs' : 'Show this host: charts, processes, filesystems'}>
      <Card title="CPU" values={[['', points.cpu]]} lines={[points.cpu]} format={formatPercent} max={100} />
      <Card title="Memory" values={[['', points.memory]]} lines={[points.memory]} format={formatPercent} max={100} />
      <Card title="Disk" values={[['R', points.diskRead], ['W', points.diskWritten]]} lines={[points.diskRead, points.diskWritten]} format={formatByteRate} />
      <Card title="Network" values={[['↓', points.received], ['↑', points.sent]]} lines={[points.received, points.sent]} format={formatByteRate} />
    </button>
  );
}
