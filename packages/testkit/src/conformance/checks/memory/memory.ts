import { isTestkitError } from "../../../errors/index.js";
import { assertNoLeak, assertReleasedAfterStop, monitorMemory } from "../../../memory/index.js";
import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { launch, terminate } from "../../observe/launched.js";
import type { CheckTarget } from "../../target/check-target.js";
import { fail, inconclusive } from "../../verdict.js";

const CYCLES = 100;
const BUDGET_MS = 300_000;

export const noGrowth = defineCheck({
  id: "memory.requests-do-not-add-up",
  title: "the memory of the server does not grow with every request",
  level: "full",
  why: "A few kilobytes a request are an out-of-memory kill in a week.",
  source: "CWE-401, Missing Release of Memory after Effective Lifetime",
  needs: ["launch"],
  budgetMs: BUDGET_MS,
  run: (context) => expectNoGrowth(context, (target) => target.generate(context.prompts.endless(), { max_tokens: 4 })),
});

export const refusalsDoNotAddUp = defineCheck({
  id: "memory.refusals-do-not-add-up",
  title: "the memory of the server does not grow with every request that it refuses",
  level: "full",
  why: "Anyone can send bad requests; what is kept of each of them is a way to end the server.",
  source: "CWE-401, Missing Release of Memory after Effective Lifetime; CWE-770",
  needs: ["launch"],
  budgetMs: BUDGET_MS,
  run: (context) => expectNoGrowth(context, (target) => target.sendBody(`{"prompt": "${"x".repeat(64 * 1024)}`)),
});

export const backToBaseline = defineCheck({
  id: "memory.is-released-after-the-stop",
  title: "the memory of the server and of its device is free after the stop",
  level: "full",
  why: "What a stopped server keeps is missing at the next start.",
  source: "https://github.com/PrimeIntellect-ai/verifiers/issues/85",
  needs: ["launch"],
  budgetMs: 120_000,
  run: async (context) => {
    const launched = await launch(context);
    await using monitor = await monitorMemory(launched.harness, { signal: context.signal });
    await launched.target.generate(context.prompts.endless(), { max_tokens: 4 });
    monitor.phase("after-stop");
    await terminate(launched); // not `stop()`, which kills the processes that keep memory
    await judge(context, () => assertReleasedAfterStop(monitor));
  },
});

async function expectNoGrowth(context: CheckContext, job: (target: CheckTarget) => Promise<unknown>): Promise<void> {
  const { harness, target } = await launch(context);
  const { signal } = context;
  await judge(context, () => assertNoLeak(harness, { cycles: CYCLES, job: () => job(target), signal }));
}

const FAILURES = ["MEMORY_LEAK", "MEMORY_NOT_RELEASED"] as const;

async function judge({ signal }: CheckContext, assertion: () => Promise<unknown>): Promise<void> {
  try {
    await assertion();
  } catch (error) {
    signal.throwIfAborted();
    const text = (error as Error).message
      .split("\n")
      .slice(0, 3)
      .join(" ")
      .replace(/^\[\w+\] /, "");
    if (FAILURES.some((code) => isTestkitError(error, code)))
      fail({ expected: "memory that is given back", got: text });
    if (isTestkitError(error, "MEMORY_INCONCLUSIVE")) inconclusive(text);
    throw error;
  }
}
