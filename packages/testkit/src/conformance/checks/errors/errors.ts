import { isRetriable } from "../../../dialects/index.js";
import { executeAll, type JobOutcome } from "../../../jobs/index.js";
import { isRunning, listDescendants } from "../../../launch/index.js";
import { slotsOf } from "../../capabilities.js";
import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { launch } from "../../observe/launched.js";
import { isWait, letDrain } from "../../observe/let-drain.js";
import type { RawAnswer } from "../../target/raw-answer.js";
import { countToFlood } from "../shared/flood.js";
import { expect, fail, forEach, inconclusive, notApplicable, show } from "../../verdict.js";

/** Requests that a server should refuse; those that it takes say nothing here. */
const BAD: readonly (readonly [name: string, ask: (context: CheckContext) => Promise<RawAnswer>])[] = [
  ["a body that is not JSON", ({ target }) => target.sendBody("Hello")],
  ["a missing prompt", ({ target, server }) => target.sendBody(JSON.stringify({ model: server.model, stream: true }))],
  ["a temperature that is an object", ({ target, prompts }) => target.ask(prompts.endless(), { temperature: {} })],
  ["max_tokens as text", ({ target, prompts }) => target.ask(prompts.endless(), { max_tokens: "sixteen" })],
];

const FORM = "OpenAI API reference, Error object: code, message, type; RFC 9110, 15.5";

export const form = defineCheck({
  id: "errors.have-code-and-message",
  title: "every error has the form of the dialect, with a code and a message",
  level: "standard",
  why: "A client that cannot read an error shows its user nothing, and repeats what it must not repeat.",
  source: FORM,
  isShared: true,
  run: (context) =>
    forRefusals(context, (answer) => {
      const { code, message } = answer.error;
      expect("error", answer.describe()).toSatisfy(
        "JSON with a message",
        () => message !== undefined && message !== "",
      );
      const isCoded = code !== undefined || namesConstraint(answer.json);
      if (hasCodes(context)) expect("error", answer.describe()).toSatisfy("JSON with a code", () => isCoded);
    }),
});

export const contentType = defineCheck({
  id: "errors.are-json",
  title: "an error is sent as application/json",
  level: "standard",
  why: "Clients choose their parser by the type; an error as text/html or as an event stream is not read.",
  source: "RFC 9110, 8.3: Content-Type; RFC 8259, 11",
  isShared: true,
  run: (context) =>
    forRefusals(context, ({ headers }) => {
      expect("content-type", headers["content-type"]).toMatch(/^application\/(problem\+)?json\b/i);
    }),
});

export const noInternals = defineCheck({
  id: "errors.show-no-internals",
  title: "no error has a stack trace or a path of the server",
  level: "standard",
  why: "Paths and versions tell an attacker where to go on, and a user nothing.",
  source: "CWE-209, Generation of Error Message Containing Sensitive Information",
  isShared: true,
  run: (context) =>
    forRefusals(context, ({ text }) => {
      const found = /Traceback \(most recent call last\)|\n? +at .+\(.+:\d+:\d+\)|File \\?"\/[^"]+", line \d+/.exec(
        text,
      );
      if (found !== null) fail({ expected: "an error without a stack trace", got: show(found[0].slice(0, 120)) });
    }),
});

export const sameWithoutStream = defineCheck({
  id: "errors.same-with-and-without-streaming",
  title: "a request that is refused without streaming is refused with the same status with streaming",
  level: "standard",
  why: "A stream that begins with 200 and contains an error looks like success to every proxy, retry and dashboard.",
  source: "https://github.com/sgl-project/sglang/pull/21900; https://github.com/ggml-org/llama.cpp/issues/14566",
  needs: ["whole-answer"],
  isShared: true,
  run: async ({ target, prompts }) => {
    const cases = [{ temperature: {} }, { max_tokens: "sixteen" }, { model: "inference-testkit-no-such-model" }];
    let refusedCount = 0;
    await forEach(
      cases,
      (fields) => Object.keys(fields).join(),
      async (fields) => {
        const asked = target.ask(prompts.endless(), { max_tokens: 2, ...fields, extraBody: { stream: false } });
        const whole = await findRefusal(asked);
        if (whole === undefined) return;
        refusedCount += 1;
        const streamed = await target.ask(prompts.endless(), { max_tokens: 2, ...fields });
        expect("status with streaming", streamed.status).toBe(whole.status);
      },
    );
    if (refusedCount === 0) inconclusive("a request that is refused: the server takes them all");
  },
});

export const retryAfter = defineCheck({
  id: "errors.overload-says-when-to-retry",
  title: "a request that is refused because the server is full has Retry-After",
  level: "standard",
  why: "Clients that do not know when to come back come back at once, and keep the server full.",
  source: "RFC 9110, 10.2.3: Retry-After; RFC 6585, 4: 429 Too Many Requests",
  budgetMs: 120_000,
  run: async (context) => {
    const outcomes = await floodServer(context);
    await letDrain(context);
    const full = outcomes.flatMap((each) =>
      each.status === "http-error" && isRetriable(each.httpStatus) ? [each] : [],
    );
    if (full.length === 0) notApplicable(`the server refused none of ${outcomes.length} jobs at once`);
    for (const { httpStatus, retryAfterSeconds } of full)
      expect(`retry-after of the answer ${httpStatus}`, retryAfterSeconds).toSatisfy(
        "given",
        (value) => value !== undefined,
      );
  },
});

/** Sends more jobs at once than most queues hold, and leaves the rest once some have ended. */
async function floodServer({ target, prompts, server, signal }: CheckContext): Promise<JobOutcome[]> {
  const count = countToFlood(server);
  const enough = new AbortController();
  const requests = Array.from({ length: count }, () => target.request(prompts.endless(), { max_tokens: 64 }));
  const outcomes = await executeAll(target, requests, {
    signal: AbortSignal.any([signal, enough.signal]),
    onProgress: ({ done }) => {
      if (done >= slotsOf(server, 4) + 4) enough.abort(new Error("enough jobs have ended"));
    },
  });
  signal.throwIfAborted();
  return outcomes;
}

export const midStream = defineCheck({
  id: "errors.engine-dies-in-mid-stream",
  title:
    "when the engine behind the server dies in mid-stream, the stream ends with an error, and not as if it were complete",
  level: "full",
  why: "The front survives a crash of its engine; if it says nothing, half of an answer is stored as all of it.",
  source: "Seen on Ollama 0.33 (OpenAI routes): a clean end without a finish_reason; OpenAI API reference, Streaming",
  needs: ["launch", "procfs"],
  budgetMs: 120_000,
  run: async (context) => {
    const { harness, target } = await launch(context);
    await target.generate(context.prompts.endless(), { max_tokens: 2 });
    const children = listDescendants(harness.pid ?? 0).filter(isRunning);
    if (children.length === 0) notApplicable("the server is one process: nothing behind it can die");
    let tokens = 0;
    const answer = await target.attempt(context.prompts.endless(), { max_tokens: 400 }, (events) => {
      if (tokens > 0 || events.filter(({ type }) => type === "token").length < 3) return;
      tokens = events.length;
      for (const pid of children) kill(pid);
    });
    const { outcome } = answer;
    if (tokens === 0 || outcome.status === "complete") inconclusive("a stream that the death of the engine cuts");
    if (outcome.status === "worker-error" || outcome.status === "transport-error") return;
    fail({ expected: "an error event, or a connection that breaks", got: answer.describe() });
  },
});

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended
  }
}

/** Ollama's errors are texts. */
function hasCodes({ target }: CheckContext): boolean {
  return target.dialect.name !== "ollama";
}

/** Errors of single fields have a constraint for a code: see docs/wire-protocol.md. */
function namesConstraint(json: unknown): boolean {
  const { errors } = (json ?? {}) as { errors?: unknown };
  const [first] = Array.isArray(errors) ? (errors as readonly { constraint?: unknown }[]) : [];
  return typeof first?.constraint === "string";
}

/** `undefined` for a request that the server takes, also one that waits for its turn: how soon it is answered is for other checks. */
async function findRefusal(asked: Promise<RawAnswer>): Promise<RawAnswer | undefined> {
  try {
    const answer = await asked;
    return answer.status < 400 ? undefined : answer;
  } catch (error) {
    if (isWait(error)) return undefined;
    throw error;
  }
}

async function forRefusals(context: CheckContext, test: (answer: RawAnswer) => void): Promise<void> {
  let refusedCount = 0;
  await forEach(
    BAD,
    ([name]) => name,
    async ([, ask]) => {
      const answer = await findRefusal(ask(context));
      if (answer === undefined) return;
      refusedCount += 1;
      test(answer);
    },
  );
  if (refusedCount === 0) inconclusive("a request that is refused: the server takes them all");
}
