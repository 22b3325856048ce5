import { servers } from "inference-testkit/servers";
import { describeServer, type DialectCase } from "../support/server-battery.js";

/** Set by scripts/try-vllm.sh. */
const program = process.env["VLLM_PROGRAM"];
const model = process.env["VLLM_MODEL"];

const EXPECTED: DialectCase = {
  prompt: "What is the capital of France?",
  longPrompt: "Tell me a long story about a lighthouse keeper.",
  text: "Paris",
  atLimit: "max_tokens",
  stop: { sequence: "Paris", reason: "stop_sequence" },
  refusal: { fields: { temperature: -5 }, status: 400, message: "temperature" },
};

describeServer({
  name: "vLLM",
  missing:
    program === undefined || model === undefined
      ? "only by hand: scripts/try-vllm.sh installs and tries it"
      : undefined,
  options: () => ({
    ...servers.vllm({ model: model!, alias: "model", parallel: 2, contextSize: 2048 }),
    command: program!,
  }),
  recognized: "openai-chat",
  hasProbe: true,
  dialects: { "openai-chat": EXPECTED, "openai-completions": EXPECTED },
});
