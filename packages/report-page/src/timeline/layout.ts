import type { RequestRecord } from "../testkit.js";

/** A segment of a request, with the color that marks its kind. */
export interface Segment {
  readonly color: "queue" | "wait" | "tokens" | "tail" | "bad";
  readonly fromMs: number;
  readonly toMs: number;
}

/** Splits a request into its segments. A failed request is one segment from its first token, or from its send. */
export function cutRequest(record: RequestRecord): Segment[] {
  const { schedMs, sendMs, firstMs, lastMs, closeMs, status } = record;
  const segments: Segment[] = [
    { color: "queue", fromMs: schedMs, toMs: sendMs },
    { color: "wait", fromMs: sendMs, toMs: firstMs ?? (status === "ok" ? closeMs : sendMs) },
  ];
  if (status !== "ok") segments.push({ color: "bad", fromMs: firstMs ?? sendMs, toMs: closeMs });
  else if (firstMs !== null) {
    segments.push({ color: "tokens", fromMs: firstMs, toMs: lastMs ?? firstMs });
    segments.push({ color: "tail", fromMs: lastMs ?? firstMs, toMs: closeMs });
  }
  return segments.filter(({ fromMs, toMs }) => toMs > fromMs);
}

/** 0.3 is not 3 × 0.1: an end that is a mark must not be missed by the last bit. */
const ROUNDING = 1e-9;

/** Round marks on a time axis, about `wanted` of them. */
export function timeMarks(fromMs: number, toMs: number, wanted: number): number[] {
  const rough = (toMs - fromMs) / Math.max(1, wanted);
  if (!(rough > 0)) return [fromMs];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(fromMs / step - ROUNDING);
  const count = Math.floor(toMs / step + ROUNDING) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
