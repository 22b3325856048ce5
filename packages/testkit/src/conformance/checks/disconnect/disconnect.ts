import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { disconnectAfter } from "../../../jobs/index.js";
import { listDescendants } from "../../../launch/index.js";
import type { DisconnectKind } from "../../../client/index.js";
import { slotsOf } from "../../capabilities.js";
import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { launch } from "../../observe/launched.js";
import { stallConnection } from "../../observe/stalled-connection.js";
import {
  expectIdle,
  expectIdleQuietly,
  planLongJob,
  QUIET_LIMIT_MS,
  unlessRefused,
  withBusySlots,
} from "../../observe/long-job.js";
import type { CheckTarget } from "../../target/check-target.js";
import { sendRaw } from "../../target/raw-socket.js";
import { fail, inconclusive } from "../../verdict.js";

const BUDGET_MS = 60_000;

export const closeStops = defineCheck({
  id: "disconnect.close-stops-generation",
  title: "a client that closes its connection in mid-stream frees its slot",
  level: "standard",
  why: "Users close tabs; text that is generated for nobody takes the slots of everybody else.",
  source: "https://github.com/ggml-org/llama.cpp/issues/11720",
  needs: ["slots"],
  budgetMs: BUDGET_MS,
  run: (context) => expectFreed(context, "close"),
});

export const resetStops = defineCheck({
  id: "disconnect.reset-stops-generation",
  title: "a client whose connection is reset in mid-stream frees its slot",
  level: "standard",
  why: "A client that crashes resets its connection; a server that only expects polite goodbyes goes on.",
  source: "https://github.com/sgl-project/sglang/issues/37833; RFC 9293, 3.5.3: Reset Processing",
  needs: ["slots"],
  budgetMs: BUDGET_MS,
  run: (context) => expectFreed(context, "reset"),
});

export const beforeFirstToken = defineCheck({
  id: "disconnect.before-the-first-token",
  title: "a client that leaves before its first token frees its slot",
  level: "standard",
  why: "Clients give up during long prefills; a server that notices only when it sends a token generates it all.",
  source: "https://github.com/ggml-org/llama.cpp/pull/9679",
  needs: ["slots"],
  budgetMs: BUDGET_MS,
  run: async (context) => {
    const { target, prompts, signal } = context;
    await expectFreed(context, "close"); // and the slots are reported
    const job = await planLongJob(context);
    const request = target.request(prompts.long(), job.fields);
    await unlessRefused(disconnectAfter(target, request, { tokens: 0, how: "close", signal }), job);
    await expectIdle(context, job.limitMs, "the disconnect before the first token");
  },
});

export const wholeAnswerStops = defineCheck({
  id: "disconnect.whole-answer-stops",
  title: "a client that leaves a request without streaming frees its slot",
  level: "standard",
  why: "Nothing is sent before the end of such an answer, so a server that notices only failed writes goes on to the end.",
  source: "https://github.com/ROCm/ATOM/pull/1562; https://github.com/BerriAI/litellm/issues/37140",
  needs: ["slots", "whole-answer"],
  budgetMs: BUDGET_MS,
  run: async (context) => {
    const { target, prompts, signal } = context;
    const job = await planLongJob(context, QUIET_LIMIT_MS);
    const extraBody = { ...job.fields.extraBody, stream: false };
    const leaving = new AbortController();
    const asked = target.execute(target.request(prompts.endless(), { ...job.fields, extraBody }), {
      signal: leaving.signal,
      dedicatedConnection: true,
    });
    const answered = asked.then(
      ({ status }) => {
        if (status >= 400) job.noteRefusal();
        inconclusive(`a job that runs: it was answered with ${status} at once`);
      },
      (error: unknown) => {
        if (!leaving.signal.aborted) throw error; // otherwise it was left
      },
    );
    const left = withBusySlots(context, async () => {
      while ((await target.slots()).busy === 0) signal.throwIfAborted();
      leaving.abort(new Error("the client leaves"));
    });
    await Promise.all([left, answered]);
    await expectIdleQuietly(context, job.limitMs, "the disconnect");
  },
});

export const halfRequest = defineCheck({
  id: "disconnect.half-a-request",
  title: "clients that leave in the middle of their request leave the server idle and able to serve",
  level: "standard",
  why: "A broken upload must not keep a slot, or a handler that waits forever for the rest of a body.",
  source: "RFC 9112, 8: Handling Incomplete Messages",
  run: async (context) => {
    const { target, prompts, server, signal } = context;
    const job = target.encode(prompts.endless());
    const head = target.writeJobHead(job, [`content-length: ${Buffer.byteLength(job.body)}`]);
    for (let count = 0; count < 8; count += 1) {
      await sendRaw(target.url, head + job.body.slice(0, job.body.length / 2), { signal, leaveAfterMs: 20 });
    }
    await target.generate(prompts.endless(), { max_tokens: 2 });
    if (server.probes.noSlots === undefined) await expectIdle(context, target.silenceMs, "the last half of a request");
  },
});

export const stalledReader = defineCheck({
  id: "disconnect.stalled-reader-blocks-nobody",
  title: "a client that stops reading does not keep others from their answers",
  level: "standard",
  why: "A phone in a tunnel stops reading; a server that waits for it in its main loop stands still for everyone.",
  source: "RFC 9293, 3.8.6: Managing the Window (zero window); https://github.com/aden-hive/hive/issues/5533",
  budgetMs: BUDGET_MS,
  run: async (context) => {
    const { target, prompts, server } = context;
    if (slotsOf(server, 2) < 2) inconclusive("two slots: the server has one");
    const leaving = new AbortController();
    const stalled = await target.execute(target.request(prompts.endless(), { max_tokens: 200 }), {
      signal: leaving.signal,
      dedicatedConnection: true,
    });
    const full = await stallConnection(context);
    try {
      if (stalled.status !== 200) inconclusive(`a stream: the server answers ${stalled.status}`);
      for (let count = 0; count < 2; count += 1) await target.generate(prompts.count(), { max_tokens: 8 }); // nothing else is read
    } finally {
      leaving.abort(new Error("the check is over"));
      full.close();
    }
  },
});

const CYCLES = 50;

export const manyLeaveNoSlots = defineCheck({
  id: "disconnect.fifty-leave-no-slot-busy",
  title: "after 50 disconnects all slots are free, and the server answers",
  level: "full",
  why: "A slot that is lost once in ten disconnects is an outage after a day.",
  source: "https://github.com/sgl-project/sglang/pull/36552; https://github.com/ROCm/ATOM/pull/1589",
  needs: ["slots"],
  budgetMs: 180_000,
  run: async (context) => {
    const { target, prompts } = context;
    const job = await planLongJob(context);
    await leaveMany(context, target);
    await expectIdle(context, Math.max(job.limitMs, target.silenceMs), `${CYCLES} disconnects`);
    await target.generate(prompts.endless(), { max_tokens: 4 });
  },
});

/** Pools and timers may open a few files of their own. */
const MOST_MORE_FILES = 10;

export const manyLeakNoFiles = defineCheck({
  id: "disconnect.fifty-leak-no-file",
  title: "after 50 disconnects the server has no more files and sockets open than before",
  level: "full",
  why: "A socket that is lost with every disconnect ends in 'too many open files', while the health is still fine.",
  source: "https://github.com/mattn/http-server/pull/7; https://github.com/Pumpkin-MC/Pumpkin/issues/2627",
  needs: ["launch", "procfs"],
  budgetMs: 240_000,
  run: async (context) => {
    const { harness, target } = await launch(context);
    const count = (): number => countFiles(harness.pid ?? 0);
    await leaveMany(context, target); // opens what is opened once
    const before = await settle(count, context.signal);
    await leaveMany(context, target);
    const after = await settle(count, context.signal, before + MOST_MORE_FILES);
    if (before === 0) inconclusive("the open files of the server: they cannot be read");
    if (after > before + MOST_MORE_FILES)
      fail({
        expected: `at most ${before + MOST_MORE_FILES} open files after ${CYCLES} more disconnects`,
        got: `${after}`,
      });
  },
});

async function expectFreed(context: CheckContext, how: DisconnectKind): Promise<void> {
  const { target, prompts, signal } = context;
  const job = await planLongJob(context);
  const request = target.request(prompts.endless(), job.fields);
  const leave = (): Promise<unknown> => disconnectAfter(target, request, { tokens: 8, how, signal });
  await unlessRefused(withBusySlots(context, leave), job);
  await expectIdle(context, job.limitMs, `the disconnect (${how})`);
}

async function leaveMany({ prompts, signal }: CheckContext, target: CheckTarget): Promise<void> {
  let late = 0;
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    const how = cycle % 2 === 0 ? "close" : "reset";
    const request = target.request(prompts.endless(), { max_tokens: 200 });
    await disconnectAfter(target, request, { tokens: cycle % 3, how, signal }).catch((error: unknown) => {
      if ((error as { code?: string }).code !== "DISCONNECT_TOO_LATE") throw error;
      late += 1;
    });
  }
  if (late > CYCLES / 2) inconclusive(`jobs that run when the client leaves: ${late} of ${CYCLES} had ended`);
}

function countFiles(pid: number): number {
  return [pid, ...listDescendants(pid)].reduce((sum, each) => {
    try {
      return sum + readdirSync(`/proc/${each}/fd`).length;
    } catch {
      return sum; // it has ended
    }
  }, 0);
}

/** The number once it no longer falls, or is at most `enough`; at most 10 s. */
async function settle(count: () => number, signal: AbortSignal, enough = 0): Promise<number> {
  let [last, steady] = [count(), 0];
  for (let look = 0; look < 50 && steady < 10 && last > enough; look += 1) {
    await delay(200, undefined, { signal });
    const now = count();
    steady = now < last ? 0 : steady + 1;
    last = Math.min(last, now);
  }
  return last;
}
