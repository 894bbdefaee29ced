import { useState } from 'preact/hooks';

import { type Window, formatClock, formatTick } from '../time/range';
import { type Format, roundUp } from './format';
import { useWidth } from './use_width';

export interface Line {
  name: string;
  points: [ms: number, value: number][];
}

const kTop = 10;
const kBottom = 20;
const kColours = 8; // classes line-0 .. line-7

/** An SVG path through points; a gap of more than `gapMs` starts a new piece. */
export function linePath(points: [number, number][], toX: (ms: number) => number, toY: (value: number) => number, gapMs = Infinity): string {
  let path = '';
  let before = -Infinity;
  for (const [ms, value] of points) {
    if (!Number.isFinite(value)) continue;
    path += `${path === '' || ms - before > gapMs ? 'M' : 'L'}${toX(ms).toFixed(1)} ${toY(value).toFixed(1)}`;
    before = ms;
  }
  return path;
}

function nearest(points: [number, number][], ms: number): [number, number] | undefined {
  let best: [number, number] | undefined;
  for (const point of points) if (!best || Math.abs(point[0] - ms) < Math.abs(best[0] - ms)) best = point;
  return best;
}

export function LineChart({ title, lines, window, format, height = 150, max }: {
  title?: string; lines: Line[]; window: Window; format: Format; height?: number; max?: number;
}) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [hover, setHover] = useState<number>();
  const span = window.to - window.from;
  const top = max ?? roundUp(Math.max(0, ...lines.flatMap((line) => line.points.map(([, value]) => value)).filter(Number.isFinite)));
  const bottom = Math.min(0, ...lines.flatMap((line) => line.points.map(([, value]) => value)).filter(Number.isFinite));
  const toX = (ms: number): number => ((ms - window.from) / span) * width;
  const toY = (value: number): number => kTop + (1 - (value - bottom) / (top - bottom)) * (height - kTop - kBottom);
  const ticks = Math.max(2, Math.min(6, Math.floor(width / 120)));
  const hoverMs = hover === undefined ? undefined : window.from + (hover / width) * span;
  return (
    <figure class="chart">
      {title && <figcaption>{title}<span class="legend">{lines.map((line, i) => (
        <span key={line.name}><i class={`dot bg-line-${i % kColours}`} />{line.name}</span>))}</span></figcaption>}
      <div class="plot" ref={box} onPointerMove={(event) => setHover(event.clientX - box.current!.getBoundingClientRect().left)}
        onPointerLeave={() => setHover(undefined)}>
        <svg width={width} height={height} role="img" aria-label={title ?? 'Values over time'}>
          {[0, 0.5, 1].map((part) => {
            const value = bottom + (top - bottom) * part;
            return <g key={part}><line class={part === 0 ? 'axis' : 'grid'} x1={0} x2={width} y1={toY(value)} y2={toY(value)} />
              {part > 0 && <text class="tick" x={2} y={toY(value) + 11}>{format(value)}</text>}</g>;
          })}
          {width > 0 && Array.from({ length: ticks }, (_, i) => {
            const ms = window.from + (span * (i + 0.5)) / ticks;
            return <text key={i} class="tick middle" x={toX(ms)} y={height - 5}>{formatTick(ms, window)}</text>;
          })}
          {lines.map((line, i) => <path key={line.name} class={`line line-${i % kColours}`} d={linePath(line.points, toX, toY)} />)}
          {hover !== undefined && <line class="cursor" x1={hover} x2={hover} y1={kTop} y2={height - kBottom} />}
        </svg>
        {hoverMs !== undefined && lines.length > 0 && (
          <div class="tip" style={{ left: `${Math.min(Math.max(hover!, 100), Math.max(width - 100, 100))}px` }}>
            <div class="tip-title">{formatClock(hoverMs)}</div>
            {lines.slice(0, 12).map((line, i) => {
              const point = nearest(line.points, hoverMs);
              return point && <div key={line.name} class="tip-row"><i class={`dot bg-line-${i % kColours}`} /><span>{line.name}</span><b>{format(point[1])}</b></div>;
            })}
          </div>
        )}
      </div>
    </figure>
  );
}
