import { test as everywhere } from "vitest";

const missing =
  process.env["VLLM_PROGRAM"] === undefined || process.env["VLLM_MODEL"] === undefined
    ? "only by hand: scripts/try-vllm.sh installs and tries it"
    : undefined;

// The guide docs/llama-server-and-vllm.md.
if (missing !== undefined) everywhere("the guide to vLLM", (context) => context.skip(missing));
else await import("./guides/vllm.js");
