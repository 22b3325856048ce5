import type { RequestRecord } from "./request-record.js";

/** From the first send to the last close of all requests, in ms from the start of the phase. */
export interface LoadWindow {
  readonly firstSendMs: number;
  readonly lastCloseMs: number;
  /** 0 if nothing was sent. */
  readonly durationMs: number;
}

export function findWindow(records: readonly RequestRecord[]): LoadWindow {
  let [firstSendMs, lastCloseMs] = [Infinity, -Infinity];
  for (const { sendMs, closeMs } of records) {
    firstSendMs = Math.min(firstSendMs, sendMs);
    lastCloseMs = Math.max(lastCloseMs, closeMs);
  }
  if (records.length === 0) return { firstSendMs: 0, lastCloseMs: 0, durationMs: 0 };
  return { firstSendMs, lastCloseMs, durationMs: lastCloseMs - firstSendMs };
}

/** Time-weighted mean of the requests in flight during the window. */
export function meanConcurrency(records: readonly RequestRecord[], { durationMs }: LoadWindow): number {
  if (durationMs === 0) return 0;
  return records.reduce((sum, { sendMs, closeMs }) => sum + (closeMs - sendMs), 0) / durationMs;
}

/** Maximum number of requests in flight at once; a request that closes at the moment another is sent does not overlap it. */
export function peakConcurrency(records: readonly RequestRecord[]): number {
  const sends = Float64Array.from(records, ({ sendMs }) => sendMs).sort();
  const closes = Float64Array.from(records, ({ closeMs }) => closeMs).sort();
  let closed = 0;
  let peak = 0;
  for (const [index, sendMs] of sends.entries()) {
    while ((closes[closed] ?? Infinity) <= sendMs) closed += 1;
    peak = Math.max(peak, index + 1 - closed);
  }
  return peak;
}
