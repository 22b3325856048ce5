// The servers that scripts/conformance-matrix.mjs runs its mutants on: the stub, and the llama engine with a tiny model of random weights.
import { TestModel, WorkerTestHarness } from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";
import { MUTANTS } from "worker-orcd-control";

/** Does what the prompts of the suite ask for, slowly enough to see a stream as one, and to leave a long prompt before its first token. */
const STUB = { content: "instructions", timing: { ttftMs: 4, itlMs: 3, prefillMsPerToken: 0.2 } };
/** Short enough for the checks that fill it. */
const CONTEXT_TOKENS = 4_096;
/** What the stub has, and not every dialect reports. */
const STUB_PROFILE = {
  slots: 4,
  determinism: ["repeat", "restart", "slot", "load"],
  limits: { contextTokens: CONTEXT_TOKENS },
};
/** Twelve layers: a token takes long enough to be seen as one of a stream. */
const MODEL = { layerCount: 12 };
const LLAMA_PROFILE = { slots: 2, limits: { contextTokens: CONTEXT_TOKENS } };
/** A full server has to refuse something. */
const LLAMA_OPTIONS = { maxQueue: 4, parallel: LLAMA_PROFILE.slots, contextSize: CONTEXT_TOKENS, threads: 1 };
/**
 * Only mutants of the wire run in front of the llama engine: all others are changes of the stub. Its model has no chat template, so the
 * dialect of OpenAI is that of completions.
 */
const LLAMA_DIALECTS = {
  orcd: "orcd",
  "openai-chat": "openai-completions",
  "openai-completions": "openai-completions",
};

export const ENGINES = ["stub", "llama"];

/** The servers that one mutant runs on. */
export function serversOf(id, { engines, dialects }) {
  const isWire = MUTANTS[id]?.making.kind === "wire";
  const stubs = dialects.map((dialect) => ({ engine: "stub", dialect, name: dialect }));
  const others = [...new Set(dialects.map((dialect) => LLAMA_DIALECTS[dialect]).filter(Boolean))];
  const llamas = others.map((dialect) => ({ engine: "llama", dialect, name: `llama.cpp, ${dialect}` }));
  return [...(engines.includes("stub") ? stubs : []), ...(engines.includes("llama") && isWire ? llamas : [])];
}

export const profileOf = ({ engine }) => (engine === "stub" ? STUB_PROFILE : LLAMA_PROFILE);

/** The stub with a defect of its own. It needs no model: a start with another model file is the same start. */
export function sourceOf(id, modelFile) {
  const stub = { ...STUB, mutants: [id] };
  return {
    kind: "started",
    command: "worker-orcd --stub-mode",
    changes: ["env", "port", "modelFile"],
    modelFile,
    start: (signal, { env, port, readyTimeoutMs } = {}) => startStub(stub, { signal, env, port, readyTimeoutMs }),
  };
}

/** A healthy server with a proxy in front that makes the mutant. */
export async function startFront(id, { engine, dialect }) {
  const worker = engine === "stub" ? await startStub(STUB) : await startLlama();
  const proxy = await FaultProxy.inFrontOf(worker, { dialect });
  proxy.faults.arm(MUTANTS[id].making.faults.map((fault) => ({ ...fault, optional: true })));
  const stop = async () => {
    await proxy.stop();
    await worker.stop();
  };
  return { source: { kind: "running", harness: proxy.worker }, stop };
}

function startStub(stub, options = {}) {
  return WorkerTestHarness.startMock({
    ...{ stub, parallel: STUB_PROFILE.slots, contextSize: CONTEXT_TOKENS },
    ...options,
  });
}

async function startLlama() {
  const { path } = await TestModel.synthetic(MODEL);
  return WorkerTestHarness.start(path, -1, LLAMA_OPTIONS);
}
