import type { ProgramOptions } from "../harness/index.js";
import {
  defineOptions,
  integer,
  listOf,
  required,
  resolveOptions,
  text,
  withDefault,
  type OptionsOf,
} from "../options/index.js";

const PRESET = defineOptions({
  /** The model: the path of a GGUF file, or the name of a model in the server's own form. */
  model: required(text({ filled: true })),
  /** The name that requests use for it. @default that of the server */
  alias: text({ filled: true }),
  /** Number of concurrent jobs. @default that of the server */
  parallel: integer([1, 1_000_000]),
  /** Context tokens of a job. @default that of the server */
  contextSize: integer([1, 1_000_000_000]),
  /** Processor threads. @default 1 for llama-server, whose own default spins on busy cores; elsewhere that of the server */
  threads: integer([1, 1_000_000]),
  /** Further arguments, passed on unchanged. @default none */
  args: withDefault(listOf(text(), { wanted: "an array of strings" }), []),
});

/** What every preset takes. */
export interface ServerPreset extends OptionsOf<typeof PRESET> {}

const MINUTE_MS = 60_000;

/**
 * How to start servers that others wrote: each function returns plain options for `WorkerTestHarness.launch()`, to be spread and changed.
 * Tried: `llamaServer` (b10434, CPU). The others are written from the servers' documentation and marked untried.
 *
 * @example await using server = await WorkerTestHarness.launch({ ...servers.llamaServer({ model: "my.gguf" }), dialect: "llama-cpp" });
 */
export const servers = {
  /** llama-server of llama.cpp. Tried with b10434. It gives every slot an equal part of its context, so `contextSize` is multiplied. */
  llamaServer(preset: ServerPreset): ProgramOptions {
    const { model, alias, parallel = 1, contextSize, threads = 1, args } = resolve(preset);
    const context = contextSize === undefined ? undefined : contextSize * parallel;
    return {
      command: "llama-server",
      args: [
        ...["-m", model, "--host", "{host}", "--port", "{port}", "-np", String(parallel), "-t", String(threads)],
        ...flag("-c", context),
        ...flag("--alias", alias),
        ...["--slots", "--metrics", "--props", ...args],
      ],
      dialect: "openai-chat",
      readyTimeoutMs: 5 * MINUTE_MS,
    };
  },

  /** vLLM's OpenAI-compatible server. Untried by the tests. It does not end on SIGTERM while a stream is open, hence the short grace. */
  vllm(preset: ServerPreset): ProgramOptions {
    const { model, alias, parallel, contextSize, args } = resolve(preset);
    return {
      command: "vllm",
      args: [
        ...["serve", model, "--host", "{host}", "--port", "{port}"],
        ...flag("--served-model-name", alias),
        ...flag("--max-num-seqs", parallel),
        ...flag("--max-model-len", contextSize),
        ...args,
      ],
      dialect: "openai-chat",
      readyTimeoutMs: 10 * MINUTE_MS,
      stopGraceMs: 10_000,
    };
  },

  /** SGLang's OpenAI-compatible server. Untried. */
  sglang(preset: ServerPreset): ProgramOptions {
    const { model, alias, parallel, contextSize, args } = resolve(preset);
    return {
      command: "python3",
      args: [
        ...["-m", "sglang.launch_server", "--model-path", model, "--host", "{host}", "--port", "{port}"],
        ...flag("--served-model-name", alias),
        ...flag("--max-running-requests", parallel),
        ...flag("--context-length", contextSize),
        ...args,
      ],
      dialect: "openai-chat",
      readyTimeoutMs: 10 * MINUTE_MS,
      stopGraceMs: 10_000,
    };
  },

  /** Text Generation Inference. Untried. */
  tgi(preset: ServerPreset): ProgramOptions {
    const { model, parallel, contextSize, args } = resolve(preset);
    return {
      command: "text-generation-launcher",
      args: [
        ...["--model-id", model, "--hostname", "{host}", "--port", "{port}"],
        ...flag("--max-concurrent-requests", parallel),
        ...flag("--max-total-tokens", contextSize),
        ...args,
      ],
      dialect: "tgi",
      readyTimeoutMs: 10 * MINUTE_MS,
      stopGraceMs: 10_000,
    };
  },

  /** `ollama serve`. Untried by the tests. It loads a model with the first request; `model` must have been pulled before. */
  ollama(preset: ServerPreset): ProgramOptions {
    const { model, parallel, contextSize, args } = resolve(preset);
    return {
      command: "ollama",
      args: ["serve", ...args],
      env: {
        OLLAMA_HOST: "{host}:{port}",
        ...(parallel === undefined ? {} : { OLLAMA_NUM_PARALLEL: String(parallel) }),
        ...(contextSize === undefined ? {} : { OLLAMA_CONTEXT_LENGTH: String(contextSize) }),
      },
      dialect: "ollama",
      model,
      readyTimeoutMs: MINUTE_MS,
    };
  },

  /** TensorRT-LLM's `trtllm-serve`. Untried. */
  tensorrtLlm(preset: ServerPreset): ProgramOptions {
    const { model, parallel, contextSize, args } = resolve(preset);
    return {
      command: "trtllm-serve",
      args: [
        ...[model, "--host", "{host}", "--port", "{port}"],
        ...flag("--max_batch_size", parallel),
        ...flag("--max_seq_len", contextSize),
        ...args,
      ],
      dialect: "openai-chat",
      readyTimeoutMs: 15 * MINUTE_MS,
      stopGraceMs: 10_000,
    };
  },
} as const;

function resolve(preset: ServerPreset) {
  return resolveOptions(PRESET, preset, "preset");
}

function flag(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)];
}
