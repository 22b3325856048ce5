import type { FaultHit } from "worker-orcd-control";
import type { EngineEnd, EngineOutput, EngineRequest, EngineStop } from "../engine.js";
import { createContent, type Content } from "./content.js";
import type { StubPlan } from "./plan.js";

/** Whether it is not a token, but why there is none. */
export function isEnd(token: EngineOutput | EngineEnd): token is EngineEnd {
  return !(token instanceof Uint8Array) && "stop" in token;
}

/** The tokens of a job, and when to stop. */
export class TokenSource {
  readonly #plan: StubPlan;
  readonly #request: EngineRequest;
  readonly #variation: number;
  readonly #neverStops: readonly FaultHit[];
  #content: Content;

  /**
   * @param options.variation 0, or a number that varies the content.
   * @param options.neverStops faults that make it continue where it should stop, with the content from its beginning.
   */
  constructor(
    plan: StubPlan,
    request: EngineRequest,
    options: { readonly variation: number; readonly neverStops: readonly FaultHit[] },
  ) {
    this.#plan = plan;
    this.#request = request;
    this.#variation = options.variation;
    this.#neverStops = options.neverStops;
    this.#content = createContent(plan, request, this.#variation);
  }

  /** The token with this index, or why there is none. */
  next(index: number): EngineOutput | EngineEnd {
    const stop = this.#stopAt(index);
    if (stop !== undefined && !this.#continues()) return this.#end(stop);
    const step = this.#content.next();
    if (step.done !== true) return step.value;
    const goesOn = this.#continues() || this.#request.ignoreEos === true;
    return goesOn ? this.#again() : this.#end(step.value ?? this.#plan.config.stopReason);
  }

  #stopAt(index: number): EngineStop | undefined {
    const { outputTokens = Infinity, stopReason } = this.#plan.config;
    if (index >= this.#request.max_tokens) return "max_tokens";
    const isOver = index >= outputTokens && this.#plan.reply === undefined && this.#request.ignoreEos !== true;
    return isOver ? stopReason : undefined;
  }

  #end(stop: EngineStop): EngineEnd {
    const usage = this.#plan.reply?.usage;
    return usage === undefined ? { stop } : { stop, usage };
  }

  #continues(): boolean {
    for (const hit of this.#neverStops) hit.fire();
    return this.#neverStops.length > 0;
  }

  #again(): EngineOutput {
    this.#content = createContent(this.#plan, this.#request, this.#variation);
    const step = this.#content.next();
    return step.done === true ? new Uint8Array() : step.value;
  }
}
