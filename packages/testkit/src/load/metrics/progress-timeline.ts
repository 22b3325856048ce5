/** How finely progress is kept. */
const BUCKET_MS = 10;
/** Shorter gaps are not reported: a stall is several times as long. */
export const SHORTEST_GAP_MS = 200;

/** A time without progress, in ms from the start of the phase. The first one of a client begins at 0, the last one never ends. */
export interface ProgressGap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Remembers when a client received anything: one byte for each 10 ms, however many tokens arrive. */
export class ProgressTimeline {
  #buckets = new Uint8Array(1024);
  #end = 0;

  /** @param atMs from the start of the phase. */
  note(atMs: number): void {
    const index = Math.max(0, Math.floor(atMs / BUCKET_MS));
    if (index >= this.#buckets.length) this.#grow(index);
    this.#buckets[index] = 1;
    if (index >= this.#end) this.#end = index + 1;
  }

  /** The gaps of 200 ms and more, to 10 ms, in order. */
  listGaps(): ProgressGap[] {
    const gaps: ProgressGap[] = [];
    let from = 0;
    for (let index = 0; index < this.#end; index += 1) {
      if (this.#buckets[index] === 0) continue;
      addGap(gaps, { fromMs: from * BUCKET_MS, toMs: index * BUCKET_MS });
      from = index + 1;
    }
    addGap(gaps, { fromMs: from * BUCKET_MS, toMs: Infinity });
    return gaps;
  }

  #grow(index: number): void {
    const larger = new Uint8Array(Math.max(index + 1, this.#buckets.length * 2));
    larger.set(this.#buckets);
    this.#buckets = larger;
  }
}

/** The times in which no client received anything. Each list is in order. */
export function intersectGaps(lists: readonly (readonly ProgressGap[])[]): readonly ProgressGap[] {
  const [first = [], ...others] = lists;
  return others.reduce(intersect, first);
}

function intersect(ours: readonly ProgressGap[], theirs: readonly ProgressGap[]): ProgressGap[] {
  const shared: ProgressGap[] = [];
  for (let a = 0, b = 0; a < ours.length && b < theirs.length;) {
    const [our, their] = [ours[a] as ProgressGap, theirs[b] as ProgressGap];
    addGap(shared, { fromMs: Math.max(our.fromMs, their.fromMs), toMs: Math.min(our.toMs, their.toMs) });
    if (our.toMs <= their.toMs) a += 1;
    else b += 1;
  }
  return shared;
}

function addGap(gaps: ProgressGap[], gap: ProgressGap): void {
  if (gap.toMs - gap.fromMs >= SHORTEST_GAP_MS) gaps.push(gap);
}
