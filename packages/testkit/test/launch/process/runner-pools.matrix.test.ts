import { expect, test } from "vitest";
import { killRunner } from "../runners/kill-runner.js";

const SLOW_MS = 120_000;

const POOLS = ["vitest-vmForks", "vitest-threads", "jest-workers", "node-test", "playwright-workers"];

test.each(POOLS)(
  "kill -9 of the main process only, with tests that never yield: no worker is left in %s",
  { timeout: SLOW_MS },
  async (pool) => {
    const { exit, goneAfterMs } = await killRunner(pool, "busy", "SIGKILL");
    expect(exit).toBe("SIGKILL");
    expect(goneAfterMs).not.toBeNull();
  },
);

test.each(["SIGTERM", "SIGINT"])(
  "%s to the main process only: no worker is left in vitest-forks",
  { timeout: SLOW_MS },
  async (signal) => {
    const { exit, goneAfterMs } = await killRunner("vitest-forks", "idle", signal);
    expect(exit).not.toBeNull();
    expect(goneAfterMs).not.toBeNull();
  },
);
