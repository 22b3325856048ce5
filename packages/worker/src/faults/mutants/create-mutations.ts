import type { MutantId, WorkerMutantId } from "worker-orcd-control";
import { CONCURRENCY_MUTATIONS } from "./concurrency-mutations.js";
import { ACCESS_MUTATIONS } from "./access-mutations.js";
import { ANSWER_MUTATIONS } from "./answer-mutations.js";
import { HTTP_MUTATIONS } from "./http-mutations.js";
import { LEAVE_MUTATIONS } from "./leave-mutations.js";
import { LIMIT_MUTATIONS } from "./limit-mutations.js";
import { METRICS_MUTATIONS } from "./metrics-mutations.js";
import { PROCESS_MUTATIONS } from "./process-mutations.js";
import { READY_MUTATIONS } from "./ready-mutations.js";
import { REQUEST_MUTATIONS } from "./request-mutations.js";
import { SAMPLING_MUTATIONS } from "./sampling-mutations.js";
import { STOP_MUTATIONS } from "./stop-mutations.js";
import { TEXT_MUTATIONS } from "./text-mutations.js";
import { VALIDATION_MUTATIONS } from "./validation-mutations.js";
import type { CreateMutation, Mutation } from "./mutation.js";

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
  ...LIMIT_MUTATIONS,
  ...METRICS_MUTATIONS,
  ...ACCESS_MUTATIONS,
  ...PROCESS_MUTATIONS,
  ...READY_MUTATIONS,
};

/** Makes the mutations of one worker. A mutant that is made of faults has none. */
export function createMutations(ids: readonly MutantId[]): Mutation[] {
  return ids.flatMap((id) => (isWorkers(id) ? [MUTATIONS[id]()] : []));
}

function isWorkers(id: MutantId): id is WorkerMutantId {
  return Object.hasOwn(MUTATIONS, id);
}
