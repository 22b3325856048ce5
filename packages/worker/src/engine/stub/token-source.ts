import type { FaultHit } from "worker-orcd-control";
import type { EngineRequest, EngineStop } from "../engine.js";
import { createContent } from "./content.js";
import type { StubConfig } from "./stub-config.js";

/** The tokens of a job, and when to stop. */
export class TokenSource {
  readonly #config: StubConfig;
  readonly #request: EngineRequest;
  readonly #variation: number;
  readonly #neverStops: readonly FaultHit[];
  #content: Iterator<Uint8Array, void>;

  /**
   * @param options.variation 0, or a number that varies the content.
   * @param options.neverStops faults that make it continue where it should stop, with the content from its beginning.
   */
  constructor(
    config: StubConfig,
    request: EngineRequest,
    options: { readonly variation: number; readonly neverStops: readonly FaultHit[] },
  ) {
    this.#config = config;
    this.#request = request;
    this.#variation = options.variation;
    this.#neverStops = options.neverStops;
    this.#content = createContent(config, request, this.#variation);
  }

  /** The token with this index, or why there is none. */
  next(index: number): Uint8Array | EngineStop {
    const stop = this.#stopAt(index);
    if (stop !== undefined && !this.#continues()) return stop;
    const step = this.#content.next();
    if (step.done !== true) return step.value;
    return this.#continues() ? this.#again() : (this.#config.stopReason satisfies EngineStop);
  }

  #stopAt(index: number): EngineStop | undefined {
    const { outputTokens = Infinity, stopReason } = this.#config;
    if (index >= this.#request.max_tokens) return "max_tokens";
    return index >= outputTokens ? stopReason : undefined;
  }

  #continues(): boolean {
    for (const hit of this.#neverStops) hit.fire();
    return this.#neverStops.length > 0;
  }

  #again(): Uint8Array {
    this.#content = createContent(this.#config, this.#request, this.#variation);
    return this.#content.next().value ?? new Uint8Array();
  }
}
