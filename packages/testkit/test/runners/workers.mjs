// The workers of the tests that wait too long, for every runner.
import { join } from "node:path";

export const SLOW = { stub: { timing: { ttftMs: 60_000 } } };

/** `stopGraceMs` is longer than what is left of the limit of its test. */
export const STUBBORN = {
  command: process.execPath,
  args: [join(import.meta.dirname, "../workers/ignores-sigterm.mjs")],
  ready: { kind: "log", pattern: /listening on port (?<port>\d+)/ },
  dialect: "orcd",
  checkIdentity: false,
  stopGraceMs: 9_000,
  allow: ["SIGTERM_IGNORED"],
};
