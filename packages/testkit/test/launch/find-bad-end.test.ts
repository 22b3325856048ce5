import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import type { ExitInfo } from "../../src/launch/index.js";
import { findBadEnd } from "../../src/launch/find-bad-end.js";
import { LogBuffer } from "../../src/launch/logs/log-buffer.js";

const exited = (code: number): ExitInfo => ({ kind: "exited", code });
const signalled = (signal: NodeJS.Signals): ExitInfo => ({ kind: "signalled", signal });
const rules = { shutdownSignal: "SIGTERM", shutdownExitCodes: [1] } as const;
const judge = (exit: ExitInfo, facts: { endedBefore?: boolean; killed?: boolean } = {}, given: object = {}) => {
  const worker = { command: "w", args: [], pid: 1, exitInfo: exit, logs: new LogBuffer(1) };
  const end = { exit, endedBefore: false, killed: false, ...facts };
  return findBadEnd(worker, end, { ...rules, ...given })?.message;
};

describe("after the shutdown signal", () => {
  test.each([exited(0), exited(143), exited(1), signalled("SIGTERM")])("%j is normal", (exit) => {
    expect(judge(exit)).toBeUndefined();
  });

  test.each([exited(2), exited(130), exited(139), signalled("SIGSEGV"), signalled("SIGKILL"), signalled("SIGINT")])(
    "%j is an error",
    (exit) => {
      expect(judge(exit)).toContain("after SIGTERM, where exit code 0, 143 or the signal itself is a normal end");
    },
  );

  test("an exit code names the option that allows it", () => {
    expect(judge(exited(2))).toContain("If it always exits this way, set `shutdownExitCodes: [2]`.");
    expect(judge(signalled("SIGSEGV"))).not.toContain("shutdownExitCodes");
  });

  test("SIGKILL is normal only when it was sent here", () => {
    expect(judge(signalled("SIGKILL"), { killed: true })).toBeUndefined();
    expect(judge(signalled("SIGSEGV"), { killed: true })).toContain("after SIGTERM");
  });

  test("the normal ends depend on the signal that is sent", () => {
    const given = { shutdownSignal: "SIGINT", shutdownExitCodes: [] };
    expect(judge(exited(128 + constants.signals.SIGINT), {}, given)).toBeUndefined();
    expect(judge(exited(143), {}, given)).toContain("after SIGINT, where exit code 0, 130");
    expect(judge(signalled("SIGTERM"), {}, given)).toContain("after SIGINT");
  });
});

describe("before it", () => {
  test("exit code 0 is normal", () => {
    expect(judge(exited(0), { endedBefore: true })).toBeUndefined();
  });

  test.each([exited(1), exited(143), signalled("SIGTERM"), signalled("SIGKILL")])("%j is an error", (exit) => {
    expect(judge(exit, { endedBefore: true })).toContain("before it was stopped");
  });
});
