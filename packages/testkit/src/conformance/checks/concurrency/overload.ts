import { setTimeout as delay } from "node:timers/promises";
import { isRetriable } from "../../../dialects/index.js";
import { executeAll } from "../../../jobs/index.js";
import { slotsOf } from "../../capabilities.js";
import { defineCheck } from "../../check.js";
import { isWait, letDrain } from "../../observe/let-drain.js";
import type { RawAnswer } from "../../target/raw-answer.js";
import { countToFlood } from "../shared/flood.js";
import { expect, fail, forEach, inconclusive, notApplicable } from "../../verdict.js";

const LEAST_REFUSED = 4;

export const queueFull = defineCheck({
  id: "concurrency.full-queue-refuses-in-form",
  title:
    "a request that finds the queue full is refused with 429, 503 or 529 and an error in the dialect's form, never by a reset",
  level: "standard",
  why: "A client that is cut off cannot tell a full server from a broken one, so it neither waits nor goes elsewhere.",
  source:
    "RFC 6585, 4: 429 Too Many Requests; RFC 9110, 15.6.4: 503 Service Unavailable; Anthropic API reference, Errors: 529 overloaded_error",
  budgetMs: 120_000,
  run: async (context) => {
    const { target, prompts, server, signal } = context;
    const count = countToFlood(server);
    const ends: readonly Ending[] = await Promise.all(
      Array.from({ length: count }, () => target.ask(prompts.endless(), { max_tokens: 16 }).catch(noteEnd(signal))),
    );
    if (ends.some((end) => "isWaiting" in end)) await letDrain(context);
    const seen = ends.flatMap((end, index) => ("isWaiting" in end ? [] : [{ end, index }]));
    await forEach(
      seen,
      ({ index }) => `request ${index + 1} of ${count}`,
      ({ end }) => {
        expectAnswerOrRefusal(end);
        return Promise.resolve();
      },
    );
    const refused = seen.filter(({ end }) => "status" in end && end.status !== 200);
    if (refused.length < LEAST_REFUSED) notApplicable(`the server refused ${refused.length} of ${count} jobs at once`);
  },
});

function expectAnswerOrRefusal(end: RawAnswer | { readonly brokenBy: string }): void {
  if ("brokenBy" in end) fail({ expected: "an answer", got: end.brokenBy });
  if (end.status === 200) return;
  expect("status of a refusal", end.status).toSatisfy("429, 503 or 529", isRetriable);
  expect("refusal", end.describe()).toSatisfy("JSON with a message", () => Boolean(end.error.message));
}

type Ending = RawAnswer | { readonly brokenBy: string } | { readonly isWaiting: true };

/** A broken connection is an ending here, unless the check was ended. A server that is slow has not refused anything. */
function noteEnd(signal: AbortSignal) {
  return (error: unknown): Ending => {
    signal.throwIfAborted();
    if (isWait(error)) return { isWaiting: true };
    const [first = ""] = (error as Error).message.split("\n", 1);
    return { brokenBy: first.replace(/^\[\w+\] /, "") };
  };
}

/** A job that waits longer than jobs of this many turns of all slots, which came after it, is starved. */
const TURNS = 6;
const GAP_MS = 4;

export const fairness = defineCheck({
  id: "concurrency.queue-is-fair",
  title: "of equal requests, none begins after most of those that were sent later",
  level: "full",
  why: "A queue that serves the newest first keeps someone waiting for as long as others arrive.",
  source: "CWE-410, Insufficient Resource Pool; docs/wire-protocol.md: first in, first out",
  needs: ["slot-count"],
  budgetMs: 120_000,
  run: async (context) => {
    const { target, prompts, server, signal } = context;
    const count = Math.min(4, slotsOf(server, 4)) * TURNS;
    const requests = Array.from({ length: count }, () => target.request(prompts.endless(), { max_tokens: 48 }));
    const outcomes = await Promise.all(
      requests.map(async (request, index) => {
        await delay(index * GAP_MS); // a tenth of a second at most
        const [outcome] = await executeAll(target, [request], { signal });
        return outcome;
      }),
    );
    const begins = outcomes.map((outcome) => (outcome?.status === "ok" ? outcome.timings.firstTokenAtMs : undefined));
    const begun = begins.flatMap((atMs, index) => (atMs === undefined ? [] : [{ index, atMs }]));
    if (begun.length < count / 2) inconclusive(`${count} jobs that wait: ${begun.length} were answered`);
    for (const { index, atMs } of begun) {
      const overtakers = begun.filter((other) => other.index > index && other.atMs < atMs).length;
      const share = Math.ceil(begun.length / 2);
      if (overtakers > share)
        fail({
          expected: `request ${index + 1} of ${count} to begin before at least half of the later ones`,
          got: `${overtakers} later requests that began before it`,
        });
    }
  },
});
