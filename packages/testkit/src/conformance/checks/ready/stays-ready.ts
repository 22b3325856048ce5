import { defineCheck } from "../../check.js";
import { launch } from "../../observe/launched.js";
import type { CheckTarget } from "../../target/check-target.js";
import { expect, fail, inconclusive } from "../../verdict.js";

const POLLS = 10;

export const staysReady = defineCheck({
  id: "ready.stays-ready",
  title: "a server that was ready stays so before, between and after requests",
  level: "standard",
  why: "An orchestrator takes a server that is not ready out of service, and ends one that is not alive.",
  source: "Kubernetes, readiness probes run during the whole lifecycle of a container",
  needs: ["ready"],
  run: async ({ target, prompts }) => {
    const path = target.dialect.ready?.path ?? "/";
    for (let count = 1; count <= POLLS; count += 1) {
      if (count % 3 === 0) await target.generate(prompts.endless(), { max_tokens: 4 });
      const { status } = await target.send(path);
      expect(`status of GET ${path}, look ${count} of ${POLLS}`, status).toBe(200);
    }
  },
});

export const answersRightAfterStart = defineCheck({
  id: "ready.answers-right-after-start",
  title: "the first request after the start is answered, as soon as the server says that it is ready",
  level: "standard",
  why: "A server that is ready before its model is loaded fails the first clients of every roll-out.",
  source: "https://github.com/ROCm/rocm-cli/pull/150; Kubernetes, readiness probes",
  needs: ["launch"],
  budgetMs: 120_000,
  run: async (context) => {
    const { target } = await launch(context);
    await target.generate(context.prompts.endless(), { max_tokens: 1 });
  },
});

/** A shorter rest of a generation proves nothing on a busy machine. */
const LEAST_REST_MS = 300;

export const healthDuringGeneration = defineCheck({
  id: "ready.health-answers-during-generation",
  title: "the health of the server is answered while it generates",
  level: "standard",
  why: "A server that answers its health only between requests is restarted under load, when it is needed most.",
  source: "https://github.com/gonka-ai/gonka/pull/1421; Kubernetes, liveness probes",
  needs: ["ready"],
  budgetMs: 60_000,
  run: async ({ target, prompts, attempt }) => {
    const path = target.dialect.ready?.path ?? "/";
    const prompt = prompts.endless();
    const asked: { sentAtMs: number; endedAtMs: number; status: number }[] = [];
    const job = watchFirstToken(target, prompt, 128 * 4 ** (attempt - 1));
    await job.started;
    const isOver = { yes: false };
    const ended = job.ended.finally(() => (isOver.yes = true));
    ended.catch(() => undefined); // awaited below
    while (asked.length < 5 && !isOver.yes) asked.push(await timeOf(target, path));
    const { endedAtMs } = await ended;
    for (const { status } of asked) expect(`status of GET ${path}`, status).toBe(200);
    const [first] = asked;
    if (first === undefined || endedAtMs - first.sentAtMs < LEAST_REST_MS)
      inconclusive(`${LEAST_REST_MS} ms of generation after the question: the model ended earlier`);
    if (asked.some((each) => each.endedAtMs < endedAtMs)) return;
    const waitedMs = Math.round(first.endedAtMs - first.sentAtMs);
    fail({ expected: `an answer to GET ${path} during the generation`, got: `one after it, ${waitedMs} ms later` });
  },
});

/** Runs a job, and tells when its first token has arrived. */
function watchFirstToken(target: CheckTarget, prompt: string, maxTokens: number) {
  let begin: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (begin = resolve));
  const run = async (): Promise<{ endedAtMs: number }> => {
    const answer = await target.attempt(prompt, { max_tokens: maxTokens }, (events) => {
      if (events.some(({ type }) => type === "token")) begin();
    });
    if (!answer.isComplete) fail({ expected: "a complete answer", got: answer.describe() });
    return { endedAtMs: answer.endedAtMs };
  };
  const ended = run().finally(begin);
  ended.catch(() => undefined); // it is awaited later
  return { started, ended };
}

async function timeOf(target: CheckTarget, path: string) {
  const sentAtMs = performance.now();
  const { status } = await target.send(path);
  return { sentAtMs, endedAtMs: performance.now(), status };
}
