import { fileURLToPath } from "node:url";
import { nodeProgram } from "../support/peers.js";
import { describeServer, type DialectCase } from "../support/server-battery.js";

const FIXTURES = fileURLToPath(new URL("../peers/servers/aimock.json", import.meta.url));
const { command, args, missing } = nodeProgram("@copilotkit/aimock", "dist/cli.js");

/** It sends its fixture whole, whatever the limit and the stop sequences of the request. */
const EXPECTED: DialectCase = {
  prompt: "What is the capital of France?",
  longPrompt: "Tell a story",
  text: "Paris",
  atLimit: "stop",
  refusal: { fields: { prompt: "Something else" }, status: 404, message: "No fixture matched" },
};

describeServer({
  name: "aimock",
  missing,
  options: () => ({
    command,
    args: [...args, "--port", "{port}", "--fixtures", FIXTURES, "--latency", "5", "--chunk-size", "8"],
    dialect: "openai-chat",
    model: "gpt-4o",
    readyTimeoutMs: 60_000,
  }),
  recognized: "ollama", // it has `/api/tags` as well,
  hasProbe: false,
  dialects: {
    "openai-chat": EXPECTED,
    anthropic: { ...EXPECTED, fields: { seed: null }, estimated: true },
    "openai-responses": { ...EXPECTED, fields: { seed: null }, stop: "unsupported", estimated: true },
    ollama: { ...EXPECTED, estimated: true },
  },
});
