import { expect, test } from "vitest";
import { createExitInfo, describeExit } from "../../src/launch/exit-info.js";

test("an exit code and a signal are distinguished", () => {
  expect(createExitInfo(3, null)).toEqual({ kind: "exited", code: 3 });
  expect(createExitInfo(null, "SIGKILL")).toEqual({ kind: "signalled", signal: "SIGKILL" });
});

test("an exit is described", () => {
  expect(describeExit({ kind: "exited", code: 0 })).toBe("exit code 0");
  expect(describeExit({ kind: "signalled", signal: "SIGSEGV" })).toBe("signal SIGSEGV");
});
