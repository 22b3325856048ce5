import type { EngineState } from "../engine-state.js";
import type { Call, Method } from "../method.js";
import { FlowWindow } from "./flow-window.js";
import type { CallId } from "./parse-message.js";
import { RpcError, type RpcErrorCode } from "./rpc-error.js";

/** A call of a client. */
export interface CallPlan {
  readonly id: CallId;
  readonly name: string;
  readonly method: Method;
  readonly params: unknown;
  readonly timeoutMs: number;
  readonly state: EngineState;
  readonly notify: Call["notify"];
  /** What an aborted call had started could not be ended. */
  readonly onLost: (error: unknown) => void;
}

/** One call in progress, which can be aborted at any time: its caller then gets the reason at once, and what it still achieves is undone. */
export class RunningCall {
  readonly name: string;
  /** The result; rejects with what the method throws, or with the reason of an abort. */
  readonly result: Promise<unknown>;
  /** Nothing of the call runs any more. Never rejects. */
  readonly ended: Promise<void>;
  readonly #abort = new AbortController();
  readonly #window = new FlowWindow(this.#abort.signal);
  readonly #plan: CallPlan;

  constructor(plan: CallPlan) {
    const { id, name, method, params, timeoutMs, state, notify } = plan;
    this.#plan = plan;
    this.name = name;
    const { signal } = this.#abort;
    const waitForRoom: Call["waitForRoom"] = (sentCount, most) => this.#window.waitForRoom(sentCount, most);
    const timer = setTimeout(
      () => this.abort("CALL_TIMEOUT", `\`${name}\` did not end within ${timeoutMs} ms`),
      timeoutMs,
    );
    const work = method.run({ id, state, signal, notify, waitForRoom }, params);
    this.result = Promise.race([work, rejectOnAbort(signal)]).finally(() => clearTimeout(timer));
    this.ended = this.#end(work);
  }

  abort(code: RpcErrorCode, message: string): void {
    this.#abort.abort(new RpcError(code, message));
  }

  acknowledge(seq: number): void {
    this.#window.acknowledge(seq);
  }

  async #end(work: Promise<unknown>): Promise<void> {
    const [outcome] = await Promise.allSettled([work]);
    const { method, state, onLost } = this.#plan;
    if (outcome.status === "fulfilled" && this.#abort.signal.aborted)
      await method.undo?.(state, outcome.value).catch(onLost);
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
