import { expect, test } from "vitest";
import { killRunner } from "../runners/kill-runner.js";

// The other pools and signals: runner-pools.matrix.test.ts.
test("kill -9 of the main process only, with tests that never yield: no worker is left", async () => {
  const { exit, goneAfterMs } = await killRunner("vitest-forks", "busy", "SIGKILL");
  expect(exit).toBe("SIGKILL");
  expect(goneAfterMs).not.toBeNull();
});
