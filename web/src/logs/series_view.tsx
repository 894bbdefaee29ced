import type { Series } from '../api/loki';
import { formatCount } from '../chart/format';
import { LineChart } from '../chart/line_chart';
import type { Window } from '../time/range';

const kMaxLines = 40;
const kMaxTableRows = 200;

export function seriesName(labels: Series['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return pairs.length > 0 ? pairs.join(', ') : 'value';
}

/** The answer of a metric query: a chart, and each series with its last value. */
export function SeriesView({ series, window }: { series: Series[]; window: Window }) {
  const rows = series
    .map(({ labels, points }) => {
      const values = points.map(([, value]) => value);
      return { name: seriesName(labels), points, last: values.at(-1) ?? NaN, min: Math.min(...values), max: Math.max(...values) };
    })
    .sort((a, b) => b.last - a.last);
  return (
    <>
      <LineChart lines={rows.slice(0, kMaxLines)} window={window} format={formatCount} height={260} />
      <div class="table-box">
        <table>
          <thead><tr><th>Series</th><th class="number">Last</th><th class="number">Min</th><th class="number">Max</th></tr></thead>
          <tbody>{rows.slice(0, kMaxTableRows).map((row, i) => (
            <tr key={row.name}>
              <td><i class={`dot bg-line-${i % 8}`} />{row.name}</td>
              <td class="number">{formatCount(row.last)}</td><td class="number">{formatCount(row.min)}</td><td class="number">{formatCount(row.max)}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>
      {rows.length > kMaxTableRows && <p class="muted note">{`${rows.length - kMaxTableRows} more series are not shown.`}</p>}
    </>
  );
}
