import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "./ensure-built.js";

/** Every process of a worker carries the first in its environment, and the second if this test run started it. */
const WORKER_MARK = "INFERENCE_TESTKIT_WORKER=";
const RUN_MARK = "INFERENCE_TESTKIT_TEST_RUN";
/** The one thing that stays in the temporary folder by design: reservations of ports. */
const PORT_LOCKS = /^inference-testkit-ports-/;
const SETTLE_TIMEOUT_MS = 5_000;
const SETTLE_POLL_MS = 50;

/**
 * Wraps the whole test run, which tests what was built from the sources as they are, and must leave nothing on the machine. Every run has its own temporary folder. Vitest calls this once per
 * project; only the first call counts, because nested folders make paths too long for a socket.
 */
export function setup(): (() => Promise<void>) | undefined {
  const own = `${process.pid}-`; // each project loads this file anew
  if (process.env[RUN_MARK]?.startsWith(own) === true) return undefined;
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), "inference-testkit-run-"));
  process.env[RUN_MARK] = own + randomUUID();
  process.env["TMPDIR"] = folder;
  return async () => {
    const left = await settle(() => [...findWorkerProcesses(), ...findTemporaryFiles(folder)]);
    rmSync(folder, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`The test run leaves behind:\n${left.join("\n")}`);
  };
}

/** What is left when processes that are just ending have had their time. */
async function settle(find: () => string[]): Promise<string[]> {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  let left = find();
  while (left.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
    left = find();
  }
  return left;
}

function findTemporaryFiles(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => !PORT_LOCKS.test(name));
  return names.map((name) => `temporary file ${name}`);
}

function findWorkerProcesses(): string[] {
  if (!existsSync("/proc/self/environ")) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const marks = [WORKER_MARK, `${RUN_MARK}=${process.env[RUN_MARK]}`];
  return pids
    .filter((pid) => marks.every((mark) => read(pid, "environ").includes(mark)))
    .map((pid) => `process ${pid}: ${read(pid, "cmdline")}`);
}

/** A process may end while it is inspected, or belong to another user. */
function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
