import { formatMs } from "../../../numbers/index.js";
import { describeExit } from "../../../launch/index.js";
import { defineCheck } from "../../check.js";
import { endDuringStream, expectNoCleanEnd } from "../../observe/end-during-stream.js";
import { GRACE_MS, launch, terminate } from "../../observe/launched.js";
import { fail, inconclusive } from "../../verdict.js";

const LAUNCH_MS = 120_000;

export const sigtermIdle = defineCheck({
  id: "lifecycle.sigterm-ends-an-idle-server",
  title: "SIGTERM ends an idle server within the grace, with exit code 0 or by the signal",
  level: "standard",
  why: "A server that has to be killed drops what it holds, and a failed exit is an alarm in every roll-out.",
  source:
    "https://github.com/ggml-org/llama.cpp/pull/6348; Kubernetes, termination of pods: SIGTERM, then SIGKILL after the grace period",
  needs: ["launch"],
  budgetMs: LAUNCH_MS,
  run: async (context) => {
    const launched = await launch(context);
    await launched.target.generate(context.prompts.endless(), { max_tokens: 1 });
    const { exit } = await terminate(launched);
    const isClean = exit.kind === "exited" ? [0, 143].includes(exit.code) : exit.signal === "SIGTERM";
    if (!isClean) fail({ expected: "exit code 0 or 143, or the end by SIGTERM", got: describeExit(exit) });
  },
});

export const sigtermStream = defineCheck({
  id: "lifecycle.sigterm-does-not-shorten-a-stream",
  title: "after SIGTERM, a stream is completed, ends with an error, or breaks; it is never cut as if it were complete",
  level: "standard",
  why: "Every roll-out ends streams; a cut that looks like an end is stored as an answer.",
  source: "https://github.com/preloop/preloop/pull/217; RFC 9112, 8: Handling incomplete messages",
  needs: ["launch"],
  budgetMs: LAUNCH_MS,
  run: async (context) => expectNoCleanEnd(await endDuringStream(context, "SIGTERM")),
});

export const sigtermGrace = defineCheck({
  id: "lifecycle.sigterm-ends-a-busy-server",
  title: "SIGTERM during a stream ends the server within the grace",
  level: "standard",
  why: "A server that waits for its streams without a limit is killed by the orchestrator, with everything that it holds.",
  source: "https://github.com/invergent-ai/surogate/issues/137",
  needs: ["launch"],
  budgetMs: LAUNCH_MS,
  run: async (context) => {
    const { exit } = await endDuringStream(context, "SIGTERM");
    if (exit === undefined)
      fail({ expected: `the end within ${formatMs(GRACE_MS)} of SIGTERM`, got: "a process that still runs" });
  },
});

export const sigkillStream = defineCheck({
  id: "lifecycle.sigkill-is-seen-by-the-client",
  title: "the client of a server that is killed in mid-stream sees that the stream is not complete",
  level: "full",
  why: "The operating system kills servers that run out of memory; half of an answer must not pass for all of it.",
  source: "RFC 9112, 8: Handling incomplete messages",
  needs: ["launch"],
  budgetMs: LAUNCH_MS,
  run: async (context) => {
    const ended = await endDuringStream(context, "SIGKILL");
    if (ended.outcome.status === "complete") inconclusive("a stream that SIGKILL cuts: it was complete before");
    expectNoCleanEnd(ended);
  },
});
