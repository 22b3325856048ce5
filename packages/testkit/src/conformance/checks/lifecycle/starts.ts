import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isTestkitError, reasonOf } from "../../../errors/index.js";
import type { ExitInfo } from "../../../launch/index.js";
import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { launch } from "../../observe/launched.js";
import type { StartChange } from "../../server/start-change.js";
import { fail, inconclusive } from "../../verdict.js";

const LAUNCH_MS = 120_000;
/** How long a start that cannot succeed may take. */
const REFUSAL_MS = 10_000;

export const restartsOnItsPort = defineCheck({
  id: "lifecycle.restarts-on-its-port",
  title: "a server that has just ended, with connections open, can be started again on the same port",
  level: "full",
  why: "Without SO_REUSEADDR a restart fails for a minute after every crash, because old connections linger.",
  source: "https://github.com/ggml-org/llama.cpp/pull/19763; RFC 9293, 3.6.1: TIME-WAIT",
  needs: ["launch"],
  budgetMs: LAUNCH_MS,
  run: async (context) => {
    const { harness, target } = await launch(context);
    await target.generate(context.prompts.endless(), { max_tokens: 2 });
    try {
      await harness.restart({ signal: context.signal });
    } catch (error) {
      if (isTestkitError(error, "INVALID_OPTION")) inconclusive(reasonOf(error));
      context.signal.throwIfAborted();
      fail({ expected: "a second start on the same port", got: reasonOf(error) });
    }
    await target.generate(context.prompts.endless(), { max_tokens: 2 });
  },
});

export const refusesTakenPort = defineCheck({
  id: "lifecycle.refuses-a-taken-port",
  title: "a second server on the same port ends with an error, and the first one goes on",
  level: "full",
  why: "Two servers on one port share its requests, and clients get answers from the wrong model.",
  source: "https://github.com/ggml-org/llama.cpp/issues/20963; https://github.com/ggml-org/llama.cpp/issues/26822",
  needs: ["launch", "start-port"],
  budgetMs: LAUNCH_MS,
  run: async (context) => {
    const { target, prompts } = context;
    const second = await startInVain(context, { port: Number(target.url.port) });
    if (second.exit === undefined)
      fail({ expected: "the second server to end", got: `one that runs after ${REFUSAL_MS} ms` });
    if (second.exit.kind === "exited" && second.exit.code === 0)
      fail({ expected: "an exit code other than 0 of the second server", got: "exit code 0" });
    await target.generate(prompts.endless(), { max_tokens: 2 });
  },
});

export const refusesMissingModel = defineCheck({
  id: "lifecycle.refuses-a-missing-model",
  title: "a start with a model file that does not exist ends with an error that names the file",
  level: "full",
  why: "A server that stays up without a model, or ends without a reason, costs an operator hours.",
  source: "https://github.com/kekzl/imp/issues/759; https://github.com/awslabs/multi-model-server/issues/179",
  needs: ["launch", "start-model"],
  budgetMs: LAUNCH_MS,
  run: (context) => expectModelRefused(context, "missing-model.gguf", () => undefined),
});

export const refusesTruncatedModel = defineCheck({
  id: "lifecycle.refuses-a-truncated-model",
  title: "a start with half of the model file ends with an error that names the file",
  level: "full",
  why: "An interrupted download is the most common bad model; reading beyond its end is a crash without a message.",
  source: "https://github.com/ollama/ollama/issues/4080; https://github.com/gittensor-ai-lab/sparkinfer/issues/25",
  needs: ["launch", "start-model"],
  budgetMs: LAUNCH_MS,
  run: (context) => expectModelRefused(context, "truncated-model.gguf", truncate),
});

export const refusesForeignModel = defineCheck({
  id: "lifecycle.refuses-a-foreign-model",
  title: "a start with a file that is not a model ends with an error that names the file",
  level: "full",
  why: "A web page that was saved in place of the model must not end in a crash of the loader.",
  source: "https://github.com/ggml-org/llama.cpp/issues/3358; https://github.com/ggml-org/llama.cpp/issues/24884",
  needs: ["launch", "start-model"],
  budgetMs: LAUNCH_MS,
  run: (context) => expectModelRefused(context, "foreign-model.gguf", (_, file) => writeFileSync(file, PAGE)),
});

const PAGE = "<!doctype html><title>Sign in</title>\n".repeat(200);
/** Half of a larger model is as telling, and does not fit on every disk. */
const MOST_COPIED_BYTES = 64 * 1024 * 1024;

function truncate(model: string, file: string): void {
  const { size } = statSync(model);
  if (size < 2 * MOST_COPIED_BYTES) {
    copyFileSync(model, file);
    truncateSync(file, Math.floor(size / 2));
    return;
  }
  const bytes = Buffer.alloc(MOST_COPIED_BYTES);
  const source = openSync(model, "r");
  readSync(source, bytes);
  closeSync(source);
  writeFileSync(file, bytes);
}

async function expectModelRefused(
  context: CheckContext,
  name: string,
  write: (model: string, file: string) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "inference-testkit-conformance-"));
  try {
    const file = join(folder, name);
    write(context.server.start?.modelFile ?? "", file);
    const { exit, log } = await startInVain(context, { modelFile: file });
    if (exit === undefined)
      fail({ expected: "the start to end with an error", got: `a process that runs after ${REFUSAL_MS} ms` });
    if (exit.kind !== "exited") fail({ expected: "an exit with an error code", got: `a crash: ${exit.signal}` });
    if (exit.code === 0) fail({ expected: "an exit code other than 0", got: "exit code 0" });
    if (!log.some((line) => line.includes(basename(file))))
      fail({ expected: `an error that names ${basename(file)}`, got: log.slice(-3).join(" | ") || "no output" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the server in a way that must not succeed. */
async function startInVain(context: CheckContext, change: StartChange) {
  try {
    const harness = await context.launch({ ...change, readyTimeoutMs: REFUSAL_MS });
    return { exit: undefined, log: harness.logs.tail() };
  } catch (error) {
    context.signal.throwIfAborted();
    if (isTestkitError(error, "READY_TIMEOUT")) return { exit: undefined, log: error.logTail };
    if (!isTestkitError(error, "PROCESS_DIED")) throw error;
    return {
      exit: (error.details["exit"] as ExitInfo | undefined) ?? { kind: "exited" as const, code: -1 },
      log: error.logTail,
    };
  }
}
