import type { Context } from "../context.js";
import { note, section } from "../dom.js";

/** What every figure is. */
export function definitionsSection({ data, definitions }: Context): HTMLElement | undefined {
  if (data.load === null) return undefined;
  return section(
    "definitions",
    "Definitions",
    note(
      "Time stamps are monotonic and taken on arrival. sched: when the schedule wanted the request out; send: its first byte to the socket. A percentile is told only with enough samples for it at 99 % confidence: p50 11, p90 64, p95 130, p99 662, p99.9 6,636.",
    ),
    definitions.list(),
  );
}
