import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { formatMs } from "../../numbers/index.js";
import { describeExit, type StopReport } from "../../launch/index.js";
import { toVisibleText } from "../../terminal/index.js";
import type { DemoCheck } from "./engine-report.js";

/** The identity of a worker while it ran. */
export interface WorkerTraces {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** @default 5000 */
  readonly vanishTimeoutMs?: number;
}

/** An ended process exists until its parent (for an orphan, the system) has reaped it. */
const VANISH_TIMEOUT_MS = 5_000;
const VANISH_POLL_MS = 10;
const CONNECT_TIMEOUT_MS = 2_000;

/** A worker that was asked to shut down must exit by itself with code 0. */
export function checkStop(stopped: StopReport | Error | undefined): DemoCheck {
  const name = "stop";
  if (stopped === undefined) return { name, passed: false, detail: "there was no process to stop" };
  if (stopped instanceof Error) return { name, passed: false, detail: stopped.message };
  const { killed, exit, tookMs } = stopped;
  const passed = !killed && exit.kind === "exited" && exit.code === 0;
  const how = killed ? "it ignored SIGTERM and was killed" : `SIGTERM, then ${describeExit(exit)}`;
  return { name, passed, detail: `ended after ${formatMs(tookMs)}: ${how}` };
}

/** Checks the machine independently of the harness: is the process gone, its group empty, its port closed? */
export async function checkNothingIsLeft(
  traces: WorkerTraces,
  stopped: StopReport | undefined,
): Promise<readonly DemoCheck[]> {
  return Promise.all([checkProcess(traces), checkGroup(traces, stopped), checkPort(traces)]);
}

async function checkProcess({ pid, vanishTimeoutMs }: WorkerTraces): Promise<DemoCheck> {
  const passed = await vanishes(pid, vanishTimeoutMs);
  return { name: "process-gone", passed, detail: passed ? `process ${pid} is gone` : `process ${pid} still exists` };
}

async function checkGroup(traces: WorkerTraces, stopped: StopReport | undefined): Promise<DemoCheck> {
  const { pid, vanishTimeoutMs } = traces;
  const survivors = stopped?.survivors ?? [];
  const name = "group-empty";
  if (survivors.length > 0) {
    const list = survivors.map((survivor) => `${survivor.pid} (${toVisibleText(survivor.command)})`).join(", ");
    return { name, passed: false, detail: `left behind by the worker, and killed: ${list}` };
  }
  const passed = await vanishes(-pid, vanishTimeoutMs);
  const detail = passed ? "its process group is empty" : `process group ${pid} still has processes`;
  return { name, passed, detail };
}

async function checkPort({ host, port }: WorkerTraces): Promise<DemoCheck> {
  const answer = await tryConnect(host, port);
  const name = "port-closed";
  if (answer === "ECONNREFUSED") return { name, passed: true, detail: `port ${port} refuses connections` };
  return { name, passed: false, detail: `port ${port} should refuse connections: ${answer}` };
}

async function vanishes(pid: number, timeoutMs = VANISH_TIMEOUT_MS): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (exists(pid)) {
    if (performance.now() > deadline) return false;
    await delay(VANISH_POLL_MS);
  }
  return true;
}

/** Signal 0 tests whether a process, or with a negative number a group, exists; an unreaped process still does. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function tryConnect(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    const end = (answer: string): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end("it accepts them"));
    socket.once("timeout", () => end(`no answer within ${CONNECT_TIMEOUT_MS} ms`));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
