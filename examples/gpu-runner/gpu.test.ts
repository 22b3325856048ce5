import { isTestkitError } from "inference-testkit";
import { readGpuMemory } from "inference-testkit/memory";
import { test as everywhere } from "vitest";

const missing = await readGpuMemory().then(
  () => undefined,
  (error: unknown) =>
    isTestkitError(error, "GPU_UNAVAILABLE") ? error.message.split("\n")[0]! : Promise.reject(error as Error),
);
if (missing !== undefined) everywhere("a job on a GPU", (context) => context.skip(missing));
else await import("./on-gpu.js");
