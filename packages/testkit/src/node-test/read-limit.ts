import type { TestLimit } from "../deadline/index.js";

const RUNNER = "node:test";
const FLAG = "--test-timeout=";

/**
 * The limit of a test: its own, or that of `node --test --test-timeout`, which counts for its file as a whole. The flag is passed to the
 * process of the file.
 */
export function readNodeLimit(ownMs: number | undefined, startedAtMs: number): TestLimit {
  const own = { runner: RUNNER, limitMs: ownMs ?? Infinity, startedAtMs };
  const flag = process.execArgv.findLast((word) => word.startsWith(FLAG));
  if (flag === undefined) return own;
  const ofFile = { runner: `${RUNNER}, its file`, limitMs: Number(flag.slice(FLAG.length)), startedAtMs: 0 };
  return ofFile.limitMs < startedAtMs + own.limitMs ? ofFile : own;
}
