import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";

/** Every process of a worker carries the first in its environment, and the second if this test run started it. */
const WORKER_MARK = "INFERENCE_TESTKIT_WORKER=";
const RUN_MARK = "INFERENCE_TESTKIT_TEST_RUN";
const TEMPORARY_PREFIX = "inference-testkit-test-";
const SETTLE_TIMEOUT_MS = 5_000;
const SETTLE_POLL_MS = 50;

/** Runs around the whole test run: nothing of it may be left on the machine. */
export function setup(): () => Promise<void> {
  process.env[RUN_MARK] = randomUUID();
  const before = new Set(findLeft());
  return async () => {
    const deadline = performance.now() + SETTLE_TIMEOUT_MS;
    const fresh = () => findLeft().filter((thing) => !before.has(thing));
    while (fresh().length > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
    }
    if (fresh().length > 0) throw new Error(`The test run leaves behind:\n${fresh().join("\n")}`);
  };
}

function findLeft(): string[] {
  const temporary = readdirSync(tmpdir()).filter((name) => name.startsWith(TEMPORARY_PREFIX));
  return [...findWorkerProcesses(), ...temporary.map((name) => `temporary file ${name}`)];
}

function findWorkerProcesses(): string[] {
  if (!existsSync("/proc/self/environ")) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const marks = [WORKER_MARK, `${RUN_MARK}=${process.env[RUN_MARK]}`];
  return pids
    .filter((pid) => marks.every((mark) => read(pid, "environ").includes(mark)))
    .map((pid) => `process ${pid}: ${read(pid, "cmdline")}`);
}

/** A process may end while it is looked at, or belong to somebody else. */
function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
