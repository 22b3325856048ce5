import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { waitFor } from "./wait-for.js";

const PROGRAM = fileURLToPath(new URL("../../bin/worker-orcd.cjs", import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type LogLine = Readonly<Record<string, unknown>>;

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Shell commands that come before the worker, e.g. a resource limit. */
  readonly before?: string;
}

/** One run of the built program. */
export class WorkerProcess implements AsyncDisposable {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly exited: Promise<Exit>;
  stdout = "";
  stderr = "";

  constructor(flags: readonly string[], { env = {}, before }: SpawnOptions) {
    const command = before === undefined ? process.execPath : "bash";
    const script = [PROGRAM, ...flags];
    const args = before === undefined ? script : ["-c", `${before}; exec "$@"`, "bash", process.execPath, ...script];
    this.child = spawn(command, args, { env: { ...cleanEnvironment(), ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.exited = new Promise((resolve) => this.child.once("close", (code, signal) => resolve({ code, signal })));
  }

  get port(): number {
    return this.line("ready")["port"] as number;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get lines(): readonly LogLine[] {
    const whole = this.stdout.split("\n").slice(0, -1);
    return whole.map((line) => JSON.parse(line) as LogLine);
  }

  /** The log lines of one event. */
  linesOf(event: string): readonly LogLine[] {
    return this.lines.filter((line) => line["event"] === event);
  }

  /** The first log line of an event. */
  line(event: string): LogLine {
    const [line] = this.linesOf(event);
    if (line === undefined) throw new Error(`No log line ${event} in:\n${this.stdout}${this.stderr}`);
    return line;
  }

  async waitForLine(event: string, timeoutMs?: number): Promise<LogLine> {
    const isThere = (): boolean => {
      if (!this.stdout.includes(`"event":"${event}"`) && !this.isRunning) throw new Error(this.stdout + this.stderr);
      return this.linesOf(event).length > 0;
    };
    await waitFor(`log line ${event}`, isThere, timeoutMs);
    return this.line(event);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async stop(): Promise<Exit> {
    if (this.isRunning) this.child.kill("SIGKILL");
    return this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Starts the program with exactly these flags; it is stopped when the test ends. */
export function spawnWorker(flags: readonly string[], options: SpawnOptions = {}): WorkerProcess {
  const worker = new WorkerProcess(flags, options);
  onTestFinished(async () => {
    await worker.stop();
  });
  return worker;
}

/** Starts a stub worker on a free port and waits until it serves; it is stopped when the test ends. */
export async function startWorker(flags: readonly string[] = [], options: SpawnOptions = {}): Promise<WorkerProcess> {
  const worker = spawnWorker(["--port", "0", "--stub-mode", ...flags], options);
  await worker.waitForLine("ready");
  return worker;
}

/** The same for a whole test file: whoever calls it stops it. */
export async function startSharedWorker(flags: readonly string[] = []): Promise<WorkerProcess> {
  const worker = new WorkerProcess(["--port", "0", "--stub-mode", ...flags], {});
  await worker.waitForLine("ready");
  return worker;
}

/** `--stub-config` with a value. */
export function stub(config: unknown): string[] {
  return ["--stub-config", JSON.stringify(config)];
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(WORKER_ORCD_|NODE_OPTIONS)/.test(name)));
}
