import { constants } from "node:os";
import { createOutput } from "../terminal/index.js";
import { settlesWithin } from "../launch/index.js";
import { EngineState } from "./engine-state.js";
import { initialize, METHODS } from "./methods/index.js";
import { ParentWatch } from "./parent-watch.js";
import { LineOutput } from "./rpc/line-output.js";
import { LineSplitter, type Line } from "./rpc/line-splitter.js";
import { RpcError } from "./rpc/rpc-error.js";
import { Session } from "./rpc/session.js";

/** A longer message is refused. Eight MiB of the most wasteful JSON, empty objects, take half a gigabyte. */
const MOST_LINE_BYTES = 8 * 1024 ** 2;
/** For stopping every worker. After that, the reaper ends what is left. */
const STOP_TIMEOUT_MS = 60_000;
const DRAIN_TIMEOUT_MS = 5_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The engine for clients in other languages: JSON-RPC over stdin and stdout, until the client is gone. */
class Engine {
  readonly #state = new EngineState();
  readonly #log = createOutput(process.stderr);
  readonly #output = new LineOutput(process.stdout, process.stderr);
  readonly #splitter = new LineSplitter(MOST_LINE_BYTES);
  readonly #parents = new ParentWatch((reason) => this.#finish(reason, 0));
  readonly #session: Session;
  readonly #exitCode: Promise<number>;
  #settle: (exitCode: number) => void = () => undefined;
  #isEnding = false;

  constructor() {
    this.#exitCode = new Promise((resolve) => (this.#settle = resolve));
    this.#session = new Session({
      methods: METHODS,
      state: this.#state,
      write: (line) => this.#output.write(line),
      warn: (text) => this.#warn(text),
      initialize: (params) => this.#initialize(params),
      onShutdown: () => this.#finish(undefined, 0),
    });
  }

  async run(): Promise<number> {
    this.#watchStreams();
    for (const signal of SIGNALS) process.on(signal, () => this.#onSignal(signal));
    process.on("uncaughtException", (error) => {
      this.#warn(error.stack ?? error.message);
      this.#finish("a defect", 1);
    });
    return await this.#exitCode;
  }

  #watchStreams(): void {
    process.stdin
      .on("data", (chunk: Buffer) => this.#read(this.#splitter.push(chunk)))
      .on("end", () => {
        this.#read(this.#splitter.end());
        this.#finish("its stdin ended", 0);
      })
      .on("error", () => this.#finish("its stdin broke", 0));
    this.#output.onBroken(() => this.#finish("its stdout was closed", 0));
  }

  #read(lines: Iterable<Line>): void {
    for (const line of lines) {
      if (line.kind === "too-long") this.#session.refuse(null, createTooLong(line.byteCount));
      else if (line.bytes.some((byte) => byte > 32)) this.#session.receive(line.bytes);
    }
    if (!this.#output.isFull) return;
    process.stdin.pause(); // whoever does not read answers cannot ask
    this.#output.onDrain(() => process.stdin.resume());
  }

  #initialize(params: unknown): object {
    const { processId, answer } = initialize(params);
    if (processId !== undefined) this.#parents.add(processId);
    return answer;
  }

  #onSignal(signal: (typeof SIGNALS)[number]): void {
    const exitCode = 128 + constants.signals[signal];
    if (this.#isEnding) process.exit(exitCode);
    this.#finish(`it received ${signal}`, exitCode);
  }

  /** Ends every call and worker, whoever asked for it first. */
  #finish(reason: string | undefined, exitCode: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (reason !== undefined) this.#warn(`the engine ends, because ${reason}`);
    void this.#end(exitCode);
  }

  async #end(exitCode: number): Promise<void> {
    this.#parents.stop();
    process.stdin.pause();
    const ended = this.#endAll();
    const isClean = await settlesWithin(ended, STOP_TIMEOUT_MS);
    if (!isClean) this.#warn(`some workers did not stop within ${STOP_TIMEOUT_MS} ms and are killed`);
    await this.#output.drain(DRAIN_TIMEOUT_MS);
    this.#settle(isClean ? exitCode : 1);
  }

  async #endAll(): Promise<void> {
    const callsEnded = this.#session.end();
    await this.#stopAll(); // ends calls that wait for a worker, too
    await callsEnded;
    await this.#stopAll(); // what a call has started in the meantime
  }

  async #stopAll(): Promise<void> {
    const problems = await this.#state.stopAll();
    for (const problem of problems) this.#warn(problem instanceof Error ? problem.message : String(problem));
  }

  #warn(text: string): void {
    for (const line of `inference-testkit serve: ${text}`.split("\n")) this.#log.line(line);
  }
}

/** Runs the engine. @returns the exit code. */
export function serve(): Promise<number> {
  return new Engine().run();
}

function createTooLong(byteCount: number): RpcError {
  return new RpcError(
    "INVALID_REQUEST",
    `Expected a line of at most ${MOST_LINE_BYTES} bytes, got one of ${byteCount}; it was skipped`,
  );
}
