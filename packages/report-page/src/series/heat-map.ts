/** One request: when it was sent, and its latency. */
export interface HeatPoint {
  readonly atMs: number;
  readonly valueMs: number;
}

/** Requests that were sent one after the other, in one column of a heat map. */
export interface HeatColumn {
  readonly fromMs: number;
  readonly toMs: number;
  readonly medianMs: number;
  readonly longestMs: number;
  /** Requests by latency, from 0 up in rows of equal height. */
  readonly counts: readonly number[];
}

/** A heat map of time and latency. */
export interface HeatMap {
  readonly rowMs: number;
  readonly columns: readonly HeatColumn[];
  /** The most requests in one cell. */
  readonly most: number;
}

const ROWS = 24;
const MOST_COLUMNS = 60;
const LEAST_IN_COLUMN = 5;

/**
 * Every column has about the same number of requests, whatever the rate: at least five, so that a quiet time has few wide columns. Its cells
 * are therefore comparable with those of every other one.
 */
export function describeHeatMap(points: readonly HeatPoint[], endMs: number): HeatMap | undefined {
  if (points.length < 2 * LEAST_IN_COLUMN) return undefined;
  const sorted = [...points].sort((a, b) => a.atMs - b.atMs);
  const longestMs = sorted.reduce((most, { valueMs }) => Math.max(most, valueMs), 0);
  const rowMs = longestMs === 0 ? 1 : longestMs / ROWS;
  const count = Math.min(MOST_COLUMNS, Math.floor(sorted.length / LEAST_IN_COLUMN));
  const starts = Array.from({ length: count }, (_, index) => Math.floor((index * sorted.length) / count));
  const columns = starts.map((start, index) => {
    const members = sorted.slice(start, starts[index + 1] ?? sorted.length);
    const next = sorted[starts[index + 1] ?? sorted.length];
    return describeColumn(members, { rowMs, toMs: next?.atMs ?? endMs });
  });
  return { rowMs, columns, most: Math.max(...columns.flatMap(({ counts }) => counts)) };
}

function describeColumn(members: readonly HeatPoint[], { rowMs, toMs }: { rowMs: number; toMs: number }): HeatColumn {
  const counts = new Array<number>(ROWS).fill(0);
  const values = members.map(({ valueMs }) => valueMs).sort((a, b) => a - b);
  for (const value of values) {
    const row = Math.min(ROWS - 1, Math.max(0, Math.floor(value / rowMs)));
    counts[row] = (counts[row] ?? 0) + 1;
  }
  const medianMs = values[Math.floor((values.length - 1) / 2)] ?? 0;
  return { fromMs: members[0]?.atMs ?? 0, toMs, medianMs, longestMs: values.at(-1) ?? 0, counts };
}
