import { isTestkitError } from "../../errors/index.js";
import { formatMs } from "../../numbers/index.js";
import { waitForIdle } from "../../jobs/index.js";
import type { CheckContext } from "../context.js";
import type { JobFields } from "../target/check-target.js";
import { fail, inconclusive } from "../verdict.js";

/** Smaller for each attempt, because a server may refuse more than its context. */
const LENGTHS = [1500, 700, 200];
const SAMPLE_TOKENS = 16;
/** Leaving a job that ends soon by itself shows nothing. */
const LEAST_REST_MS = 1_000;
const MOST_WAIT_MS = 10_000;
/** Servers that can be told to ignore the end of the sequence. Others ignore the field. */
const IGNORES_EOS = /^(openai-completions|openai-chat|llama-cpp)$/;

/** A job that runs much longer than leaving it takes. */
export interface LongJob {
  readonly fields: JobFields;
  /** When the server must have noticed that nobody waits for it any more: long before the job would end. */
  readonly limitMs: number;
}

/** Measures the server and chooses a job. The check is inconclusive if the server is so fast that every job ends at once. */
export async function planLongJob({ target, prompts, attempt, server }: CheckContext): Promise<LongJob> {
  const sample = await target.generate(prompts.endless(), { max_tokens: SAMPLE_TOKENS });
  const length = Math.min(LENGTHS[attempt - 1] ?? 200, server.profile.limits?.maxTokens ?? Infinity);
  const decodeMs = sample.durationMs - (sample.firstTokenMs ?? 0);
  const restMs = (decodeMs / Math.max(1, sample.tokenCount - 1)) * (length - SAMPLE_TOKENS);
  if (restMs < LEAST_REST_MS)
    inconclusive(`a job that runs for ${formatMs(LEAST_REST_MS)}: ${length} tokens take ${formatMs(restMs)}`);
  const extraBody = IGNORES_EOS.test(target.dialect.name) ? { ignore_eos: true } : undefined;
  return { fields: { max_tokens: length, extraBody }, limitMs: Math.min(MOST_WAIT_MS, restMs / 2) };
}

/** Turns the refusal of a long job, which says nothing about leaving it, into no verdict. */
export async function unlessRefused<T>(job: Promise<T>): Promise<T> {
  try {
    return await job;
  } catch (error) {
    if (isTestkitError(error, "HTTP_FAILED")) inconclusive(`a long job: the server refuses it`);
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
