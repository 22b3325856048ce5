import type { Context } from "../context.js";
import { note, section } from "../dom.js";

/** The definition of every figure. */
export function definitionsSection({ data, definitions }: Context): HTMLElement | undefined {
  if (data.load === null) return undefined;
  return section(
    "definitions",
    "Definitions",
    note(
      "Timestamps are monotonic and taken on arrival. sched: when the schedule planned the request; send: its first byte to the socket. A percentile is shown only if it has enough samples for 99 % confidence: p50 11, p90 64, p95 130, p99 662, p99.9 6,636.",
    ),
    definitions.list(),
  );
}
