/** A name of something at a position. */
export interface Label {
  readonly x: number;
  readonly text: string;
  readonly color: string;
}

/** A name with its place. */
export interface PlacedLabel {
  readonly start: number;
  readonly text: string;
  /** Of the first of the labels that were joined. */
  readonly color: string;
}

/** Where names may be. */
export interface LabelRoom {
  readonly left: number;
  readonly right: number;
  /** Least distance between two of them. */
  readonly gap: number;
  readonly measure: (text: string) => number;
}

interface Group {
  readonly labels: readonly Label[];
  readonly start: number;
  readonly end: number;
}

/** Places names in one row, each centered at its position. Names that would overlap are joined: "p90 p95". */
export function placeLabels(labels: readonly Label[], room: LabelRoom): PlacedLabel[] {
  const groups: Group[] = [];
  for (const label of [...labels].sort((a, b) => a.x - b.x)) {
    let group = place([label], room);
    for (let last = groups.at(-1); last !== undefined && last.end + room.gap > group.start; last = groups.at(-1)) {
      groups.pop();
      group = place([...last.labels, ...group.labels], room);
    }
    groups.push(group);
  }
  return groups.map(({ labels: joined, start }) => ({
    start,
    text: textOf(joined),
    color: joined[0]?.color ?? "muted",
  }));
}

function place(labels: readonly Label[], { left, right, measure }: LabelRoom): Group {
  const width = measure(textOf(labels));
  const middle = labels.reduce((sum, { x }) => sum + x, 0) / labels.length;
  const start = Math.max(left, Math.min(right - width, middle - width / 2));
  return { labels, start, end: start + width };
}

function textOf(labels: readonly Label[]): string {
  return labels.map(({ text }) => text).join(" ");
}
