import { test as everywhere } from "vitest";
import { missingLlamaServer } from "../support/llama-server.js";

// The guide docs/llama-server-and-vllm.md, on the server that scripts/ensure-llama-server.sh provides.
if (missingLlamaServer !== undefined)
  everywhere("the guide to llama-server", (context) => context.skip(missingLlamaServer));
else await import("./guides/llama-server.js");
