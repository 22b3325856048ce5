import { setTimeout as delay } from "node:timers/promises";
import { isTestkitError } from "../../errors/index.js";
import { formatMs } from "../../numbers/index.js";
import { waitForIdle } from "../../jobs/index.js";
import type { ServerFacts } from "../capabilities.js";
import type { CheckContext } from "../context.js";
import type { JobFields } from "../target/check-target.js";
import { fail, inconclusive } from "../verdict.js";
import { chooseLength } from "./choose-length.js";

const SAMPLE_TOKENS = 32;
/** Leaving a job that ends soon by itself shows nothing: a server has at least this long to notice. */
const LEAST_LIMIT_MS = 500;
const MOST_WAIT_MS = 10_000;
/** Servers that can be told to ignore the end of the sequence. Others ignore the field. */
const IGNORES_EOS = /^(openai-completions|openai-chat|llama-cpp)$/;

/** A job that runs much longer than leaving it takes. */
export interface LongJob {
  readonly fields: JobFields;
  /** When the server must have noticed that nobody waits for it any more: long before the job would end. */
  readonly limitMs: number;
  /** Remembers that the server refuses this length, so that the next attempt asks for less. */
  readonly noteRefusal: () => void;
}

/** The shortest length that each server has refused. */
const refusals = new WeakMap<ServerFacts, number>();

/**
 * Measures the server and chooses a job. The check is inconclusive if the server is so fast that every job ends at once.
 *
 * @param leastLimitMs how long the check has to watch the server at least.
 */
export async function planLongJob(context: CheckContext, leastLimitMs = LEAST_LIMIT_MS): Promise<LongJob> {
  const { target, prompts, attempt, server } = context;
  const extraBody = IGNORES_EOS.test(target.dialect.name) ? { ignore_eos: true } : undefined;
  const sample = await target.generate(prompts.endless(), { max_tokens: SAMPLE_TOKENS, extraBody });
  const decodeMs = sample.durationMs - (sample.firstTokenMs ?? 0);
  const msPerToken = decodeMs / Math.max(1, sample.tokenCount - 1);
  const asked = { attempt, msPerToken, leastLimitMs, limits: server.profile.limits, refused: refusals.get(server) };
  const { length, limitMs } = chooseLength(asked);
  if (limitMs < leastLimitMs)
    inconclusive(`a job that runs for ${formatMs(2 * leastLimitMs)}: ${length} tokens take ${formatMs(2 * limitMs)}`);
  const noteRefusal = (): void => void refusals.set(server, length);
  return { fields: { max_tokens: length, extraBody }, limitMs: Math.min(MOST_WAIT_MS, limitMs), noteRefusal };
}

/** Turns the refusal of a long job, which says nothing about leaving it, into no verdict. */
export async function unlessRefused<T>(promise: Promise<T>, job?: LongJob): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (isTestkitError(error, "HTTP_FAILED")) {
      job?.noteRefusal();
      inconclusive(`a long job: the server refuses it`);
    }
    if (isTestkitError(error, "DISCONNECT_TOO_LATE")) inconclusive("a long job: the model ended before it was left");
    throw error;
  }
}

/** Watches the slots while a job runs, so that idle slots afterwards mean something. Ends with the job. */
export async function withBusySlots<T>({ target }: CheckContext, job: () => Promise<T>): Promise<T> {
  const state = { isBusy: false, isOver: false };
  const watch = async (): Promise<void> => {
    while (!state.isBusy && !state.isOver) state.isBusy = (await target.slots()).busy > 0;
  };
  const watching = watch();
  watching.catch(() => undefined); // awaited below
  try {
    return await job();
  } finally {
    state.isOver = true;
    await watching;
    if (!state.isBusy) inconclusive("a busy slot while a job runs: the server never reported one");
  }
}

/** Fails unless the slots are free in time. */
export async function expectIdle({ target, signal }: CheckContext, limitMs: number, what: string): Promise<void> {
  try {
    await waitForIdle(target, { timeoutMs: limitMs, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!isTestkitError(error, "IDLE_TIMEOUT")) throw error;
    const { busy, queued } = await target.slots();
    const got = `${busy} busy slots${queued === undefined ? "" : ` and ${queued} queued jobs`}`;
    fail({ expected: `no busy slot ${formatMs(limitMs)} after ${what}`, got });
  }
}

/** Servers look once a second whether a client is still there, and some of them only while nothing else happens. */
const QUIET_MS = 2_000;
/** Time for one look after a quiet while. */
export const QUIET_LIMIT_MS = QUIET_MS + 250;

/**
 * The same for jobs of which the server notices only in its own time that their client has gone. It is asked seldom: llama-server looks for
 * the client of an answer without streaming after a second in which no other request ended, and a question about its slots is one.
 */
export async function expectIdleQuietly(
  { target, signal }: CheckContext,
  limitMs: number,
  what: string,
): Promise<void> {
  const endsAtMs = performance.now() + limitMs;
  for (;;) {
    await delay(Math.max(0, Math.min(QUIET_MS, endsAtMs - performance.now())), undefined, { signal });
    const { busy } = await target.slots();
    if (busy === 0) return;
    if (performance.now() >= endsAtMs)
      fail({ expected: `no busy slot ${formatMs(limitMs)} after ${what}`, got: `${busy} busy slots` });
  }
}
