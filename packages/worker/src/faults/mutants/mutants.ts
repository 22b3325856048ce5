import { mutantOf, parseFaults, type MutantId, type ResolvedFault } from "worker-orcd-control";
import type { EngineRequest } from "../../engine/engine.js";
import type { Call, RunRoute } from "../../http/index.js";
import { TextPipeline, type Pipeline } from "../../text/index.js";
import type { Leaving, ListenerChange, Mutation } from "./mutation.js";

/** The defects that a worker in stub mode has from its start to its end. */
export class Mutants {
  /** A healthy worker. */
  static readonly none = new Mutants([], []);
  readonly #mutations: readonly Mutation[];
  /** Faults that belong to them. */
  readonly faults: readonly ResolvedFault[];

  private constructor(ids: readonly MutantId[], mutations: readonly Mutation[]) {
    this.#mutations = mutations;
    this.faults = ids.flatMap((id) => {
      const { making } = mutantOf(id);
      return making.kind === "stub" ? parseFaults(making.faults, "stub") : [];
    });
  }

  /** Their code is loaded only if there are any. */
  static async load(ids: readonly MutantId[]): Promise<Mutants> {
    if (ids.length === 0) return Mutants.none;
    const { createMutations } = await import("./create-mutations.js");
    return new Mutants(ids, createMutations(ids));
  }

  /** What they change about the listener. */
  get listener(): ListenerChange {
    return Object.assign({}, ...this.#mutations.map(({ listener }) => listener)) as ListenerChange;
  }

  changeRequest(request: EngineRequest, runningCount: number): EngineRequest {
    return this.#mutations.reduce((changed, { changeRequest }) => {
      return changeRequest === undefined ? changed : changeRequest(changed, runningCount);
    }, request);
  }

  createPipeline(request: EngineRequest, isStream: boolean): Pipeline {
    const { stop: stops } = request;
    const create = this.#mutations.find(({ createPipeline }) => createPipeline !== undefined)?.createPipeline;
    return create === undefined ? new TextPipeline(stops) : create(stops, isStream, request);
  }

  intercept(call: Call, route: RunRoute, isBusy: () => boolean): Promise<void> {
    const run = this.#mutations.reduceRight<RunRoute>((next, { intercept }) => {
      return intercept === undefined ? next : (each) => intercept(each, next, isBusy);
    }, route);
    return run(call);
  }

  leave(leaving: Leaving): void {
    const leave = this.#mutations.find((mutation) => mutation.leave !== undefined)?.leave;
    if (leave === undefined) leaving.proceed();
    else leave(leaving);
  }

  async begin(): Promise<void> {
    for (const { begin } of this.#mutations) await begin?.();
  }

  bound(port: number): void {
    for (const { bound } of this.#mutations) bound?.(port);
  }
}
