import { mutantOf, parseFaults, type MutantId, type ResolvedFault, type WorkerMutantId } from "worker-orcd-control";
import type { EngineRequest } from "../../engine/engine.js";
import type { Call, RunRoute } from "../../http/index.js";
import { TextPipeline, type Pipeline } from "../../text/index.js";
import { CONCURRENCY_MUTATIONS } from "./concurrency-mutations.js";
import { ACCESS_MUTATIONS } from "./access-mutations.js";
import { ANSWER_MUTATIONS } from "./answer-mutations.js";
import { HTTP_MUTATIONS } from "./http-mutations.js";
import { LEAVE_MUTATIONS } from "./leave-mutations.js";
import { METRICS_MUTATIONS } from "./metrics-mutations.js";
import type { CreateMutation, Leaving, ListenerChange, Mutation } from "./mutation.js";
import { PROCESS_MUTATIONS } from "./process-mutations.js";
import { READY_MUTATIONS } from "./ready-mutations.js";
import { REQUEST_MUTATIONS } from "./request-mutations.js";
import { SAMPLING_MUTATIONS } from "./sampling-mutations.js";
import { STOP_MUTATIONS } from "./stop-mutations.js";
import { TEXT_MUTATIONS } from "./text-mutations.js";
import { VALIDATION_MUTATIONS } from "./validation-mutations.js";

/** The implementation of each mutant that is not made of faults. */
const MUTATIONS: Readonly<Record<WorkerMutantId, CreateMutation>> = {
  ...TEXT_MUTATIONS,
  ...REQUEST_MUTATIONS,
  ...HTTP_MUTATIONS,
  ...STOP_MUTATIONS,
  ...SAMPLING_MUTATIONS,
  ...VALIDATION_MUTATIONS,
  ...CONCURRENCY_MUTATIONS,
  ...LEAVE_MUTATIONS,
  ...ANSWER_MUTATIONS,
  ...METRICS_MUTATIONS,
  ...ACCESS_MUTATIONS,
  ...PROCESS_MUTATIONS,
  ...READY_MUTATIONS,
};

/** What mutants change about the listener, which is made before them. */
export function findListenerChange(ids: readonly MutantId[]): ListenerChange {
  const changes = ids.flatMap((id) => (isWorkers(id) ? [MUTATIONS[id]().listener ?? {}] : []));
  return Object.assign({}, ...changes) as ListenerChange;
}

/** The defects that a worker in stub mode has from its start to its end. */
export class Mutants {
  readonly #mutations: readonly Mutation[];
  /** Faults that belong to them. */
  readonly faults: readonly ResolvedFault[];

  constructor(ids: readonly MutantId[]) {
    this.#mutations = ids.flatMap((id) => (isWorkers(id) ? [MUTATIONS[id]()] : []));
    this.faults = ids.flatMap((id) => {
      const { making } = mutantOf(id);
      return making.kind === "stub" ? parseFaults(making.faults, "stub") : [];
    });
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

function isWorkers(id: MutantId): id is WorkerMutantId {
  return Object.hasOwn(MUTATIONS, id);
}
