import type { RequestRecord } from "../../../load/metrics/request-record.js";

/** A stretch of a request, and the colour that says what it is. */
export interface Stretch {
  readonly color: "queue" | "wait" | "tokens" | "tail" | "bad";
  readonly fromMs: number;
  readonly toMs: number;
}

/** Cuts a request into its stretches. One that is not ok is one stretch from its first token, or its send, on. */
export function cutRequest(record: RequestRecord): Stretch[] {
  const { schedMs, sendMs, firstMs, lastMs, closeMs, status } = record;
  const stretches: Stretch[] = [
    { color: "queue", fromMs: schedMs, toMs: sendMs },
    { color: "wait", fromMs: sendMs, toMs: firstMs ?? (status === "ok" ? closeMs : sendMs) },
  ];
  if (status !== "ok") stretches.push({ color: "bad", fromMs: firstMs ?? sendMs, toMs: closeMs });
  else if (firstMs !== null) {
    stretches.push({ color: "tokens", fromMs: firstMs, toMs: lastMs ?? firstMs });
    stretches.push({ color: "tail", fromMs: lastMs ?? firstMs, toMs: closeMs });
  }
  return stretches.filter(({ fromMs, toMs }) => toMs > fromMs);
}

/** Round marks on a time axis, about `wanted` of them. */
export function timeMarks(fromMs: number, toMs: number, wanted: number): number[] {
  const rough = (toMs - fromMs) / Math.max(1, wanted);
  if (!(rough > 0)) return [fromMs];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(fromMs / step);
  const count = Math.floor(toMs / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
