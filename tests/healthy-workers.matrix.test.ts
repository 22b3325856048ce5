import { afterAll, describe, test } from "vitest";
import { expectHealthy } from "./healthy/use-worker.js";
import { findMissing, HEALTHY, healthyOptions } from "./healthy/workers.js";
import { Programs } from "./mistakes/programs.js";

const programs = new Programs();
afterAll(() => programs.remove());

describe("a healthy worker is not accused of anything:", () => {
  for (const worker of HEALTHY) {
    const missing = findMissing(worker);
    const reason = missing === undefined ? "" : ` (skipped: ${missing})`;
    test.skipIf(missing !== undefined)(`${worker.name}${reason}`, { timeout: 300_000 }, async () => {
      await expectHealthy(await healthyOptions(worker, programs));
    });
  }
});
