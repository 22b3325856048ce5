import { suggest } from "inference-worker-protocol/validation";
import { custom, integer, required, resolveOptions, type ResolvedOptionsOf } from "../../options/index.js";
import type { EngineState } from "../engine-state.js";
import { readCallTimeout, type Method } from "../method.js";
import { toErrorObject } from "./describe-error.js";
import { InvalidMessageError, parseMessage, type CallId, type Message } from "./parse-message.js";
import { RpcError } from "./rpc-error.js";
import { RunningCall } from "./running-call.js";
import { toJsonLine } from "./to-json-line.js";

const MOST_CALLS = 1_000;
const LONGEST_NAME = 80;

const ID = required(custom<CallId>("the id of a call", (id) => typeof id === "string" || Number.isSafeInteger(id)));
const CANCEL_PARAMS = { id: ID };
const ACK_PARAMS = { call: ID, seq: required(integer()) };

/** What the session needs. */
export interface SessionParts {
  readonly methods: Readonly<Record<string, Method>>;
  readonly state: EngineState;
  readonly write: (line: string) => void;
  /** Reports what the client cannot be told in an answer. */
  readonly warn: (text: string) => void;
  /** Answers `initialize`. @throws {INVALID_OPTION} @throws {RpcError} an unknown version. */
  readonly initialize: (params: unknown) => object;
  /** After the answer to `shutdown`. */
  readonly onShutdown: () => void;
}

/** One client: its calls in progress, and what it is answered. */
export class Session {
  readonly #parts: SessionParts;
  readonly #calls = new Map<CallId, RunningCall>();
  #phase: "new" | "ready" | "ending" = "new";

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** One line of the client. Never throws. */
  receive(bytes: Uint8Array): void {
    try {
      const message = parseMessage(bytes);
      if (message.id === undefined) this.#notice(message);
      else this.#start(message.id, message);
    } catch (error) {
      if (!(error instanceof InvalidMessageError)) throw error;
      this.refuse(error.id, error.reason);
    }
  }

  /** Answers with an error. */
  refuse(id: CallId | null, error: unknown): void {
    this.#send({ id, error: toErrorObject(error) });
  }

  /** Aborts every call and accepts no further one; resolves when all of them have ended. */
  async end(): Promise<void> {
    this.#phase = "ending";
    const running = [...this.#calls.values()].filter(({ name }) => name !== "shutdown");
    for (const call of running) call.abort("SHUTTING_DOWN", "the engine is ending");
    await Promise.all(running.map(({ ended }) => ended));
  }

  #notice({ method, params }: Message): void {
    try {
      if (method === "$/cancel") this.#cancel(resolveOptions(CANCEL_PARAMS, params as never, "params"));
      else if (method === "$/ack") this.#acknowledge(resolveOptions(ACK_PARAMS, params as never, "params"));
      else this.#parts.warn(`ignored the notification ${show(method)}: a call needs an \`id\``);
    } catch (error) {
      this.#parts.warn(`ignored the notification ${method}: ${(error as Error).message}`);
    }
  }

  /** A call may have ended while its cancellation was on the way. */
  #cancel({ id }: ResolvedOptionsOf<typeof CANCEL_PARAMS>): void {
    this.#calls.get(id)?.abort("CANCELLED", `the call ${JSON.stringify(id)} was cancelled`);
  }

  #acknowledge({ call, seq }: ResolvedOptionsOf<typeof ACK_PARAMS>): void {
    this.#calls.get(call)?.acknowledge(seq);
  }

  #start(id: CallId, { method: name, params }: Message): void {
    try {
      const method = this.#find(id, name);
      if (name === "initialize") this.#initialize(id, params);
      else this.#run(id, { name, method, params, timeoutMs: readCallTimeout(params) });
    } catch (error) {
      this.refuse(id, error);
    }
  }

  /** At once, so that a client may send further calls right behind it. */
  #initialize(id: CallId, params: unknown): void {
    const result = this.#parts.initialize(params);
    this.#phase = "ready";
    this.#send({ id, result });
  }

  #find(id: CallId, name: string): Method {
    const { methods } = this.#parts;
    if (this.#calls.has(id)) {
      const shown = JSON.stringify(id);
      throw new RpcError("INVALID_REQUEST", `Expected a fresh \`id\`, got that of a call in progress: ${shown}`);
    }
    if (this.#phase === "ending") throw new RpcError("SHUTTING_DOWN", "the engine is ending and takes no further call");
    if (this.#calls.size >= MOST_CALLS) throw new RpcError("TOO_MANY_CALLS", `${MOST_CALLS} calls are in flight`);
    if (!Object.hasOwn(methods, name)) {
      const near = suggest(name, Object.keys(methods));
      throw new RpcError("METHOD_NOT_FOUND", `Expected a known \`method\`, got ${show(name)}${near}`);
    }
    if (this.#phase === "new" && name !== "initialize") {
      throw new RpcError("NOT_INITIALIZED", `Expected \`initialize\` as the first call, got \`${name}\``);
    }
    if (this.#phase !== "new" && name === "initialize") {
      throw new RpcError("INVALID_REQUEST", "Expected `initialize` once, got it again");
    }
    return methods[name] as Method;
  }

  #run(id: CallId, start: StartedCall): void {
    const { state, warn } = this.#parts;
    if (start.name === "shutdown") this.#phase = "ending";
    const call = new RunningCall({
      ...start,
      id,
      state,
      notify: (method, params) => this.#send({ method, params }),
      onLost: (error) => warn(`what an aborted call had started could not be ended: ${String(error)}`),
    });
    this.#calls.set(id, call);
    void call.ended.then(() => this.#calls.delete(id));
    void this.#answer(id, call);
  }

  async #answer(id: CallId, { name, result }: RunningCall): Promise<void> {
    try {
      this.#send({ id, result: (await result) ?? null });
    } catch (error) {
      const answer = toErrorObject(error);
      if (answer.data.code === "INTERNAL_ERROR") this.#parts.warn(`${name} failed: ${describeStack(error)}`);
      this.#send({ id, error: answer });
    }
    if (name === "shutdown") this.#parts.onShutdown();
  }

  #send(message: object): void {
    this.#parts.write(toJsonLine({ jsonrpc: "2.0", ...message }));
  }
}

interface StartedCall {
  readonly name: string;
  readonly method: Method;
  readonly params: unknown;
  readonly timeoutMs: number;
}

function show(name: string): string {
  return JSON.stringify(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
}

function describeStack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
