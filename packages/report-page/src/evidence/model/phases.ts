import type { PageRequest } from "../../testkit.js";
import type { PageEvent } from "./page-event.js";

/** A part of the life of a request, in ms from the start of the recording. */
export interface Phase {
  readonly kind: "queue" | "wait" | "tokens" | "tail";
  readonly fromMs: number;
  readonly toMs: number;
}

/** What each part is, for the legend. */
export const PHASE_NAMES: Readonly<Record<Phase["kind"], string>> = {
  queue: "sent until the first event (queue)",
  wait: "until the first token (prefill)",
  tokens: "first to last token",
  tail: "last token until the end",
};

/** A stall is a wait between two tokens of this many times the median, and at least {@link STALL_MS}. */
export const STALL_FACTOR = 5;
export const STALL_MS = 50;

/** The life of a request in parts; those that were not reached are absent. */
export function findPhases(exchange: PageRequest, events: readonly PageEvent[]): Phase[] {
  const tokens = events.filter(({ type }) => type === "token");
  const [first, last] = [tokens[0]?.atMs, tokens.at(-1)?.atMs];
  const endMs = endOf(exchange, events);
  const begunMs = events[0]?.atMs ?? endMs;
  const parts: Phase[] = [
    { kind: "queue", fromMs: exchange.sentAtMs, toMs: begunMs },
    { kind: "wait", fromMs: begunMs, toMs: first ?? endMs },
    { kind: "tokens", fromMs: first ?? endMs, toMs: last ?? endMs },
    { kind: "tail", fromMs: last ?? endMs, toMs: endMs },
  ];
  return parts.filter(({ fromMs, toMs }) => toMs > fromMs);
}

/** When nothing more happened. */
export function endOf({ outcome, sentAtMs, response }: PageRequest, events: readonly PageEvent[]): number {
  return Math.max(outcome?.atMs ?? 0, events.at(-1)?.atMs ?? 0, response?.atMs ?? 0, sentAtMs);
}

/** Waits between tokens that are much longer than the others. */
export function findStalls(events: readonly PageEvent[]): { readonly fromMs: number; readonly toMs: number }[] {
  const times = events.filter(({ type }) => type === "token").map(({ atMs }) => atMs);
  const waits = times.slice(1).map((toMs, index) => ({ fromMs: times[index] ?? toMs, toMs }));
  const lengths = waits.map(({ fromMs, toMs }) => toMs - fromMs).sort((one, other) => one - other);
  const median = lengths[lengths.length >> 1] ?? 0;
  const least = Math.max(STALL_MS, STALL_FACTOR * median);
  return waits.filter(({ fromMs, toMs }) => toMs - fromMs >= least);
}
