import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectHarmless } from "../terminal/expect-safe.js";
import { runCli } from "./run-cli.js";

const PROGRAM = join(import.meta.dirname, "..", "workers", "hostile.mjs");

/** Each way in which a text of the worker reaches a message, and the error code of that message. */
export const WAYS = [
  ["log", "PROCESS_DIED"],
  ["invalid-response", "INVALID_RESPONSE"],
  ["identity", "WRONG_IDENTITY"],
  ["http-failed", "HTTP_FAILED"],
  ["html", "INVALID_RESPONSE"],
  ["error-code", "COMPLETION_FAILED"],
  ["invalid-event", "INVALID_EVENT"],
  ["invalid-json-event", "INVALID_EVENT"],
] as const;

const withWay = (way: string, env: Readonly<Record<string, string>> = {}) => ({
  env: { INFERENCE_TESTKIT_COMMAND: JSON.stringify([process.execPath, PROGRAM, way]), NO_COLOR: "1", ...env },
});

/** What the commands print of a worker that attacks the terminal, in each of `ways`. */
export function testHostileWorker(ways: readonly (typeof WAYS)[number][]): void {
  describe.each(ways)("a worker that attacks the terminal by %s", (way, code) => {
    test("is shown by `demo` with its attack as text", async () => {
      const { exitCode, stdout, stderr } = await runCli(["demo", "--engine", "stub"], withWay(way));

      expect(exitCode).toBe(1);
      expect(stdout).toContain(`[${code}]`);
      expectHarmless(stdout + stderr);
    });

    test("is echoed and reported with stacks with its attack as text", async () => {
      const debug = withWay(way, { INFERENCE_TESTKIT_LOG: "debug" });
      const { stdout, stderr } = await runCli(["demo", "--engine", "stub", "--debug", "--json"], debug);

      expect(stderr).toMatch(/^\[[^\]]+ std(out|err)\] .*\\x1b\[32m✓ forged verdict/m);
      expectHarmless(stdout + stderr);
      expect(JSON.parse(stdout)).toMatchObject({ ok: false });
    });
  });

  test.each(ways)("`profile` survives a worker that attacks by %s", async (way) => {
    const command = `"${process.execPath}" "${PROGRAM}" ${way} --worker-id {workerId}`;
    const { exitCode, stdout, stderr } = await runCli(["profile", "--command", command, "--requests", "2", "--debug"], {
      env: { NO_COLOR: "1", INFERENCE_TESTKIT_LOG: "debug" },
    });

    expect(exitCode).not.toBe(0);
    expectHarmless(stdout + stderr);
  });
}
