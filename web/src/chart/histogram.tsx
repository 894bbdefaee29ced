import { useState } from 'preact/hooks';

import { type Level, kLevels } from '../logs/level';
import { type Window, formatClock, formatDay, formatTick } from '../time/range';
import { formatCount, roundUp } from './format';
import { useWidth } from './use_width';

/** Counts per bucket and level. A bucket is named by its end, as the server names it. */
export interface Buckets {
  stepMs: number;
  window: Window; // on bucket borders
  counts: Map<number, Partial<Record<Level, number>>>;
}

const kHeight = 108;
const kTop = 8;
const kBottom = 20;
const kMinBrush = 5; // px; a shorter drag is a click

const total = (bucket: Partial<Record<Level, number>>): number => Object.values(bucket).reduce((sum, count) => sum + count, 0);

export function Histogram({ buckets, onZoom }: { buckets: Buckets; onZoom: (window: Window) => void }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [hover, setHover] = useState<number>();
  const [drag, setDrag] = useState<number>();
  const { window, stepMs, counts } = buckets;
  const span = window.to - window.from;
  const toX = (ms: number): number => ((ms - window.from) / span) * width;
  const toMs = (x: number): number => window.from + (Math.min(Math.max(x, 0), width) / width) * span;
  const top = roundUp(Math.max(0, ...[...counts.values()].map(total)));
  const toHeight = (count: number): number => (count / top) * (kHeight - kTop - kBottom);
  const pointerX = (event: PointerEvent): number => event.clientX - box.current!.getBoundingClientRect().left;

  const release = (event: PointerEvent): void => {
    const x = pointerX(event);
    if (drag !== undefined && Math.abs(x - drag) >= kMinBrush) {
      const [from, to] = [toMs(Math.min(x, drag)), toMs(Math.max(x, drag))];
      onZoom({ from: Math.floor(from), to: Math.ceil(Math.max(to, from + 1000)) });
    }
    setDrag(undefined);
  };

  const bars = [...counts].flatMap(([end, bucket]) => {
    let base = kHeight - kBottom;
    const left = toX(end - stepMs);
    const barWidth = Math.max(1, (stepMs / span) * width - 1);
    return kLevels.map((level) => {
      const height = toHeight(bucket[level] ?? 0);
      if (height <= 0) return null;
      base -= height;
      return <rect key={`${end}${level}`} class={`fill-${level}`} x={left} y={base} width={barWidth} height={height} />;
    });
  });
  const ticks = Math.max(2, Math.min(8, Math.floor(width / 110)));
  const hoverEnd = hover === undefined ? undefined : Math.floor((toMs(hover) - window.from) / stepMs) * stepMs + window.from + stepMs;
  const hovered = hoverEnd === undefined ? undefined : counts.get(hoverEnd);

  return (
    <div class="histogram" ref={box} role="img" aria-label="Number of lines over time; drag to zoom"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.preventDefault();
        box.current!.setPointerCapture(event.pointerId);
        setDrag(pointerX(event));
      }}
      onPointerMove={(event) => setHover(pointerX(event))} onPointerUp={release}
      onPointerCancel={() => setDrag(undefined)} onPointerLeave={() => setHover(undefined)}>
      <svg width={width} height={kHeight}>
        <line class="grid" x1={0} x2={width} y1={kTop} y2={kTop} />
        <line class="axis" x1={0} x2={width} y1={kHeight - kBottom + 0.5} y2={kHeight - kBottom + 0.5} />
        {hoverEnd !== undefined && <rect class="hover-band" x={toX(hoverEnd - stepMs)} y={kTop} width={(stepMs / span) * width} height={kHeight - kTop - kBottom} />}
        {bars}
        {counts.size > 0 && <text class="tick" x={2} y={kTop + 11}>{formatCount(top)}</text>}
        {width > 0 && Array.from({ length: ticks }, (_, i) => {
          const ms = window.from + (span * (i + 0.5)) / ticks;
          return <text key={i} class="tick middle" x={toX(ms)} y={kHeight - 5}>{formatTick(ms, window)}</text>;
        })}
        {drag !== undefined && hover !== undefined && <rect class="brush" x={Math.min(drag, hover)} y={kTop} width={Math.abs(hover - drag)} height={kHeight - kTop - kBottom} />}
      </svg>
      {hoverEnd !== undefined && drag === undefined && (
        <div class="tip" style={{ left: `${Math.min(Math.max(hover!, 80), Math.max(width - 80, 80))}px` }}>
          <div class="tip-title">{`${formatDay(hoverEnd - stepMs)} ${formatClock(hoverEnd - stepMs)}`}</div>
          {hovered ? [...kLevels].reverse().map((level) => hovered[level] ? (
            <div key={level} class="tip-row"><i class={`dot bg-${level}`} /><span>{level}</span><b>{hovered[level].toLocaleString()}</b></div>
          ) : null) : <div class="muted">no lines</div>}
        </div>
      )}
    </div>
  );
}
