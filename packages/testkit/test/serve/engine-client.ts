import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { parseJson, stringifyJson } from "inference-worker-protocol";

export const BIN = fileURLToPath(new URL("../../bin/inference-testkit.js", import.meta.url));
const LONGEST_RUN_MS = 60_000;

/** One line that the engine wrote. */
export interface Answer {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: {
    readonly call: number;
    readonly seq: number;
    readonly event: { readonly type: string; readonly t?: string };
  };
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

/** A running engine, and a client that is as simple as one in another language. */
export class EngineClient {
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything that it wrote to stdout, raw and parsed. */
  stdout = "";
  stderr = "";
  readonly answers: Answer[] = [];
  readonly exited: Promise<number | null>;
  #lastId = 0;
  #rest = "";
  #wakeUps: (() => void)[] = [];

  /** @param onOver registers what ends it. */
  constructor(env: Readonly<Record<string, string>> = {}, onOver: (end: () => Promise<void>) => void = onTestFinished) {
    this.child = spawn(process.execPath, [BIN, "serve"], { env: { ...process.env, ...env } });
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.child.stdin.on("error", () => undefined);
    const timer = setTimeout(() => this.child.kill("SIGKILL"), LONGEST_RUN_MS);
    this.exited = new Promise((resolve) => {
      this.child.once("close", (code) => {
        clearTimeout(timer);
        this.#wake();
        resolve(code);
      });
    });
    onOver(async () => {
      this.child.stdin.end();
      await this.exited;
    });
  }

  /** An initialized one. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<EngineClient> {
    const client = new EngineClient(env);
    await client.call("initialize", { protocolVersion: 1 });
    return client;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  writeLine(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  /** @returns the id. */
  send(method: string, params: object = {}): number {
    this.#lastId += 1;
    this.writeLine(stringifyJson({ jsonrpc: "2.0", id: this.#lastId, method, params }));
    return this.#lastId;
  }

  notify(method: string, params: object): void {
    this.writeLine(stringifyJson({ jsonrpc: "2.0", method, params }));
  }

  /** The first line that fits. */
  async waitFor(what: string, fits: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const found = this.answers.find(fits);
      if (found !== undefined) return found;
      if (this.child.exitCode !== null) throw new Error(`the engine ended before ${what}:\n${this.stderr}`);
      await new Promise<void>((resolve) => this.#wakeUps.push(resolve));
    }
  }

  answerTo(id: unknown): Promise<Answer> {
    return this.waitFor(`the answer to ${String(id)}`, (answer) => answer.id === id);
  }

  /** The result of a call that must succeed. */
  async call<T = Readonly<Record<string, unknown>>>(method: string, params: object = {}): Promise<T> {
    const { result, error } = await this.answerTo(this.send(method, params));
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }

  /** The error of a call that must fail. */
  async fail(method: string, params: unknown = {}): Promise<NonNullable<Answer["error"]>> {
    const { result, error } = await this.answerTo(this.send(method, params as object));
    if (error === undefined) throw new Error(`${method} succeeded: ${stringifyJson(result)}`);
    return error;
  }

  async startMock(
    options: object = {},
  ): Promise<{ readonly worker: string; readonly pid: number; readonly port: number }> {
    return this.call("worker.startMock", { options });
  }

  /** Sends a test request. @returns the handle of the response. */
  async execute(
    worker: string,
    { maxTokens = 3, ...overrides }: { maxTokens?: number; seed?: bigint } = {},
  ): Promise<string> {
    const testRequest = { jobId: `job-${this.#lastId}`, prompt: "Hello", maxTokens, overrides };
    const { response } = await this.call<{ response: string }>("worker.execute", { worker, request: { testRequest } });
    return response;
  }

  #read(text: string): void {
    this.stdout += text;
    this.#rest += text;
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.answers.push(parseJson(line) as Answer);
    this.#wake();
  }

  #wake(): void {
    for (const wakeUp of this.#wakeUps.splice(0)) wakeUp();
  }
}
