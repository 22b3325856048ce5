import { setTimeout as delay } from "node:timers/promises";
import { cancelAfter, executeAll, type CancelResult, type JobTrigger } from "../../../jobs/index.js";
import { slotsOf } from "../../capabilities.js";
import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { expectIdle, planLongJob, unlessRefused, withBusySlots, type LongJob } from "../../observe/long-job.js";
import { expect, fail, forEach, inconclusive } from "../../verdict.js";

const BUDGET_MS = 60_000;
const TOKENS = 6;

export const midStream = defineCheck({
  id: "cancel.ends-a-stream",
  title: "a job that is cancelled in mid-stream ends as cancelled, long before its own end",
  level: "standard",
  why: "A stop button that does not stop wastes the GPU on text that nobody reads.",
  source: "https://github.com/ggml-org/llama.cpp/issues/11414",
  needs: ["cancel-endpoint"], // a client that leaves cannot see how its job ends
  budgetMs: BUDGET_MS,
  run: async (context) => {
    const job = await planLongJob(context);
    expectCancelled(await cancelJob(context, job, { tokens: TOKENS }), job);
  },
});

export const freesSlot = defineCheck({
  id: "cancel.frees-the-slot",
  title: "the slot of a cancelled job is free long before the job would have ended",
  level: "standard",
  why: "A cancelled job that goes on unseen makes the next ones wait.",
  source: "https://github.com/ggml-org/llama.cpp/issues/24496",
  needs: ["slots"],
  budgetMs: BUDGET_MS,
  run: async (context) => {
    const job = await planLongJob(context);
    const result = await withBusySlots(context, () => cancelJob(context, job, { tokens: TOKENS }));
    if (result.status === "too-late") inconclusive(`a running job: ${result.reason}`);
    failIfIgnored(result);
    await expectIdle(context, job.limitMs, "the cancellation");
  },
});

export const beforeFirstToken = defineCheck({
  id: "cancel.before-the-first-token",
  title: "a job that is cancelled before its first token frees its slot",
  level: "standard",
  why: "Users cancel long prompts while they are read; a cancellation that is only looked at between tokens is lost.",
  source: "https://github.com/ggml-org/llama.cpp/pull/9679",
  needs: ["slots"],
  budgetMs: BUDGET_MS,
  run: async (context) => {
    const job = await planLongJob(context);
    failIfIgnored(await withBusySlots(context, () => cancelJob(context, job, { tokens: TOKENS }))); // the slots are reported
    await expectIdle(context, job.limitMs, "the cancellation in mid-stream");
    const result = await cancelJob(context, { ...job, prompt: context.prompts.long() }, { tokens: 0 });
    if (result.status === "too-late") inconclusive(`a job without a token: ${result.reason}`);
    failIfIgnored(result);
    await expectIdle(context, job.limitMs, "the cancellation before the first token");
  },
});

export const othersAreWhole = defineCheck({
  id: "cancel.leaves-others-alone",
  title: "a job beside one that is cancelled is answered whole",
  level: "standard",
  why: "One user's stop button must not end, shorten or delay the answer of another one.",
  source: "https://github.com/ikawrakow/ik_llama.cpp/issues/1929",
  budgetMs: BUDGET_MS,
  run: (context) => expectOthersWhole(context, { count: 2, every: 2 }),
});

export const tenOfHundred = defineCheck({
  id: "cancel.ten-of-a-hundred",
  title: "when 10 of 100 jobs are cancelled, the other 90 are answered whole",
  level: "full",
  why: "Cancellations under load hit jobs that run, wait and end; each of them may take the wrong one along.",
  source: "https://github.com/ikawrakow/ik_llama.cpp/issues/1929; https://github.com/ggml-org/llama.cpp/issues/27604",
  budgetMs: 240_000,
  run: (context) => expectOthersWhole(context, { count: 100, every: 10 }),
});

export const inQueue = defineCheck({
  id: "cancel.in-the-queue",
  title: "a job that is cancelled while it waits never begins, and the jobs that run are answered whole",
  level: "standard",
  why: "A server that runs what was cancelled in its queue works for nobody, and the wrong job may be cancelled in its place.",
  source: "https://github.com/ggml-org/llama.cpp/issues/13262; https://github.com/ikawrakow/ik_llama.cpp/issues/1929",
  needs: ["slots", "slot-count"],
  budgetMs: 90_000,
  run: async (context) => {
    const { target, prompts, server, signal } = context;
    const slotCount = slotsOf(server, 1);
    if (slotCount > 16) inconclusive(`16 slots or fewer: ${slotCount} long jobs are more than this check sends`);
    const job = await planLongJob(context);
    const running = Array.from({ length: slotCount }, () => ({
      request: target.request(prompts.endless(), { ...job.fields, max_tokens: 300 }),
    }));
    const jobs = executeAll(target, running, { signal });
    jobs.catch(() => undefined); // awaited below
    while ((await target.slots()).busy < slotCount) signal.throwIfAborted();
    const isHidden = await cancelWaiting(context, job);
    const outcomes = await jobs;
    for (const { index, status } of outcomes) expect(`outcome of the running job ${index + 1}`, status).toBe("ok");
    if (isHidden) await expectIdle(context, job.limitMs, "the end of the running jobs");
  },
});

/** A server that shows a waiting job to its client does so at once. */
const HEAD_MS = 300;

/** Cancels a job that waits behind others. @returns whether its client cannot see if it begins: such servers answer nothing before it does. */
async function cancelWaiting(context: CheckContext, job: LongJob): Promise<boolean> {
  const { target, prompts, signal } = context;
  const leaving = new AbortController();
  const options = { signal: leaving.signal, dedicatedConnection: true };
  const asked = target.execute(target.request(prompts.endless(), job.fields), options);
  asked.catch(() => undefined); // awaited below, or left
  const response = await Promise.race([asked, delay(HEAD_MS, undefined, { signal })]);
  if (response === undefined) {
    if (target.dialect.cancel !== undefined) inconclusive("the head of an answer while its job waits");
    leaving.abort(new Error("the client leaves the queue"));
    return true;
  }
  if (response.status !== 200) inconclusive(`a queue: the server answers ${response.status} when all slots are busy`);
  const result = await cancelAfter(response, { tokens: 0 }, { signal, timeoutMs: job.limitMs });
  if (result.tokensBefore > 0) inconclusive("a job that waits: it began at once");
  failIfIgnored(result);
  expect("tokens of the cancelled job", result.stream.events.filter(({ type }) => type === "token").length).toBe(0);
  return false;
}

export const nextIsClean = defineCheck({
  id: "cancel.next-answer-is-clean",
  title: "the answer after a cancelled job is the same as before it",
  level: "standard",
  why: "What a cancelled job leaves in its slot is another user's text, and turns up in the next answer.",
  source: "https://github.com/ggml-org/llama.cpp/issues/27148",
  budgetMs: BUDGET_MS,
  run: async (context) => {
    const { target, prompts } = context;
    const prompt = prompts.count();
    const ask = async (): Promise<string> => (await target.generate(prompt, { max_tokens: 24 })).text;
    const before = [await ask(), await ask()];
    if (before[0] !== before[1]) inconclusive("the same text twice at temperature 0");
    const job = await planLongJob(context);
    const result = await cancelJob(context, job, { tokens: TOKENS });
    if (result.status === "too-late") inconclusive(`a job to cancel: ${result.reason}`);
    const after = await ask();
    if (after !== before[0] && (await ask()) !== after) inconclusive("the same text twice at temperature 0");
    expect("text after the cancellation", after).toBe(before[0] ?? "");
  },
});

const ENDPOINT = ["cancel-endpoint"] as const;

export const twice = defineCheck({
  id: "cancel.twice-is-harmless",
  title: "a job can be cancelled twice",
  level: "standard",
  why: "A client that repeats a cancellation whose answer was lost must not get an error.",
  source: "RFC 9110, 9.2.2: Idempotent Methods; docs/wire-protocol.md",
  needs: ENDPOINT,
  run: async (context) => {
    const { target, prompts } = context;
    const request = target.request(prompts.endless(), { max_tokens: 500 });
    const response = await target.execute(request);
    const result = await unlessRefused(cancelAfter(response, { tokens: 2 }, { signal: context.signal }));
    if (result.status === "too-late") inconclusive(`a job to cancel: ${result.reason}`);
    await expectCancelAnswer(context, String(request.job_id));
    await expectCancelAnswer(context, String(request.job_id));
  },
});

export const afterTheEnd = defineCheck({
  id: "cancel.after-the-end-is-harmless",
  title: "a job that has ended can be cancelled, which changes nothing",
  level: "standard",
  why: "A cancellation always races with the end of its job; the loser of the race is not an error.",
  source: "RFC 9110, 9.2.2: Idempotent Methods; docs/wire-protocol.md",
  needs: ENDPOINT,
  run: async (context) => {
    const { target, prompts } = context;
    const request = target.request(prompts.endless(), { max_tokens: 2 });
    const [outcome] = await executeAll(target, [request], { signal: context.signal });
    expect("outcome", outcome?.status).toBe("ok");
    await expectCancelAnswer(context, String(request.job_id));
    await target.generate(prompts.endless(), { max_tokens: 2 });
  },
});

export const unknownJob = defineCheck({
  id: "cancel.unknown-job-is-harmless",
  title: "the cancellation of a job that does not exist is answered below 500, and the next job runs",
  level: "standard",
  why: "After a restart, clients cancel jobs that the new server has never seen.",
  source: "RFC 9110, 15.6.1: 500 is an unexpected condition; docs/wire-protocol.md",
  needs: ENDPOINT,
  run: async (context) => {
    const { target, prompts } = context;
    await expectCancelAnswer(context, "inference-testkit-no-such-job");
    await target.generate(prompts.endless(), { max_tokens: 2 });
  },
});

async function cancelJob(
  { target, prompts, signal }: CheckContext,
  job: LongJob & { readonly prompt?: string },
  trigger: JobTrigger,
): Promise<CancelResult> {
  const { fields, limitMs, prompt = prompts.endless() } = job;
  const response = await target.execute(target.request(prompt, fields));
  return unlessRefused(cancelAfter(response, trigger, { timeoutMs: limitMs, signal }), job);
}

/** A job that went on for `limitMs` has had its time: to wait for a free slot as long again would pass it. */
function failIfIgnored(result: CancelResult): void {
  if (result.status === "ignored") fail({ expected: "a job that ends as cancelled", got: result.reason });
}

function expectCancelled(result: CancelResult, { limitMs }: LongJob): void {
  if (result.status === "too-late") inconclusive(`a job to cancel: ${result.reason}`);
  if (result.status === "ignored") fail({ expected: "a job that ends as cancelled", got: result.reason });
  expect("time from the cancellation to the end in ms", result.latencyMs).toBeAtMost(limitMs);
}

async function expectCancelAnswer({ target }: CheckContext, jobId: string): Promise<void> {
  const { path = "/", body } = target.dialect.cancel?.encode(jobId) ?? {};
  const headers = { "content-type": "application/json" };
  const answer = await target.send(path, { method: "POST", body, headers });
  expect("answer to the cancellation", answer.describe()).toSatisfy("a status below 500", () => answer.status < 500);
}

/** Cancels every nth of some jobs. */
async function expectOthersWhole(
  { target, prompts, signal, server }: CheckContext,
  { count, every }: { readonly count: number; readonly every: number },
): Promise<void> {
  const slots = slotsOf(server, 2);
  const requests = Array.from({ length: count }, (_, index) => {
    const isCancelled = index % every === every - 1;
    const request = target.request(prompts.endless(), { max_tokens: isCancelled ? 200 : 12 });
    return isCancelled ? { request, cancelAfter: { tokens: 3 } } : { request };
  });
  const outcomes = await executeAll(target, requests, { signal, concurrency: Math.max(2, Math.min(16, 2 * slots)) });
  const cancelled = outcomes.filter(({ cancel }) => cancel?.status === "cancelled").length;
  await forEach(
    outcomes.filter(({ index }) => index % every !== every - 1),
    ({ index }) => `job ${index + 1} of ${count}`,
    (outcome) => {
      expect("outcome", outcome.status).toBe("ok");
      return Promise.resolve();
    },
  );
  if (cancelled === 0) inconclusive("a job that was cancelled: all of them ended before");
}
