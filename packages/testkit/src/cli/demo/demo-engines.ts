import { SpawnFailedError } from "../../errors/index.js";
import { TestModel } from "../../models/index.js";
import {
  isLlamaEngineInstalled,
  LLAMA_INSTALL_HINT,
  WORKER_COMMAND_VARIABLE,
  WorkerTestHarness,
} from "../../harness/index.js";
import type { EngineReport } from "./engine-report.js";

/** One engine of the demo. */
export interface DemoEngine {
  readonly kind: EngineReport["engine"];
  readonly title: string;
  readonly maxTokens: number;
  /** Checks its requirements before anything is started. */
  prepare(): Promise<PreparedEngine>;
}

export interface PreparedEngine {
  /** Notes for the reader about the text and the speed. */
  readonly note: string;
  readonly start: () => Promise<WorkerTestHarness>;
}

/** A check of its own reports it, with the pids. */
const REPORTED = ["CHILD_LEFT_BEHIND"] as const;
const STUB_ITL_MS = 15;
const STUB_TTFT_MS = 50;
const MAX_TOKENS = 24;

/** The selected engines, in demo order; without a choice those that are installed. */
export function createDemoEngines(
  choice: "stub" | "llama" | "both" | undefined,
  gpuDevice: number,
): readonly DemoEngine[] {
  const all = [createStub(), createLlama(gpuDevice)];
  const wanted = choice ?? (hasLlama() ? "both" : "stub");
  return all.filter(({ kind }) => wanted === "both" || wanted === kind);
}

function createStub(): DemoEngine {
  const timing = { ttftMs: STUB_TTFT_MS, itlMs: STUB_ITL_MS };
  return {
    kind: "stub",
    title: "Stub engine: no model and no GPU needed",
    maxTokens: MAX_TOKENS,
    prepare: () =>
      Promise.resolve({
        note: `The words are made up from prompt and seed, one every ${STUB_ITL_MS} ms on purpose.`,
        start: () => WorkerTestHarness.startMock({ stub: { timing }, allow: REPORTED }),
      }),
  };
}

function createLlama(gpuDevice: number): DemoEngine {
  return {
    kind: "llama",
    title: "Llama engine: real llama.cpp on a real GGUF file",
    maxTokens: MAX_TOKENS,
    prepare: async () => {
      validateLlamaIsInstalled();
      const qwen = TestModel.qwen2_5_0_5b();
      const model = qwen.exists() ? qwen : await TestModel.synthetic();
      return {
        note: model === qwen ? `Model file: ${qwen.path}` : SYNTHETIC_NOTE,
        start: () => WorkerTestHarness.start(model.path, gpuDevice, { allow: REPORTED }),
      };
    },
  };
}

const SYNTHETIC_NOTE =
  "The model is a tiny synthetic one with random weights: its text is gibberish by design, everything else is real.";

/** Another worker brings an engine of its own. */
function hasLlama(): boolean {
  return (process.env[WORKER_COMMAND_VARIABLE] ?? "") !== "" || isLlamaEngineInstalled();
}

/** Explains how to install it; without this check, the worker would fail with an import error from its own code. */
function validateLlamaIsInstalled(): void {
  if (hasLlama()) return;
  throw new SpawnFailedError({
    message: "the llama engine needs the package node-llama-cpp, which is not installed",
    hint: `${LLAMA_INSTALL_HINT} Without it: \`inference-testkit demo --engine stub\`.`,
  });
}
