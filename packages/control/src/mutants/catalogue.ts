import { CONCURRENCY_MUTANTS } from "./concurrency-mutants.js";
import { DETERMINISM_MUTANTS } from "./determinism-mutants.js";
import { CANCEL_MUTANTS } from "./cancel-mutants.js";
import { DISCONNECT_MUTANTS } from "./disconnect-mutants.js";
import { ERROR_MUTANTS } from "./error-mutants.js";
import { IDENTITY_MUTANTS } from "./identity-mutants.js";
import { LIFECYCLE_MUTANTS } from "./lifecycle-mutants.js";
import { METRICS_MUTANTS } from "./metrics-mutants.js";
import { READY_MUTANTS } from "./ready-mutants.js";
import { SECURITY_MUTANTS } from "./security-mutants.js";
import { LENGTH_MUTANTS } from "./length-mutants.js";
import type { MutantDefinition } from "./define-mutant.js";
import { SAMPLING_MUTANTS } from "./sampling-mutants.js";
import { SERVICE_MUTANTS } from "./service-mutants.js";
import { STOP_MUTANTS } from "./stop-mutants.js";
import { STREAM_MUTANTS } from "./stream-mutants.js";
import { VALIDATION_MUTANTS } from "./validation-mutants.js";
import { WIRE_MUTANTS } from "./wire-mutants.js";

/** Every mutant. A name is never renamed: kill matrices and configurations refer to it. */
export const MUTANTS = {
  ...SERVICE_MUTANTS,
  ...READY_MUTANTS,
  ...IDENTITY_MUTANTS,
  ...LIFECYCLE_MUTANTS,
  ...WIRE_MUTANTS,
  ...STREAM_MUTANTS,
  ...LENGTH_MUTANTS,
  ...STOP_MUTANTS,
  ...SAMPLING_MUTANTS,
  ...DETERMINISM_MUTANTS,
  ...VALIDATION_MUTANTS,
  ...CONCURRENCY_MUTANTS,
  ...CANCEL_MUTANTS,
  ...DISCONNECT_MUTANTS,
  ...METRICS_MUTANTS,
  ...SECURITY_MUTANTS,
  ...ERROR_MUTANTS,
} as const satisfies Readonly<Record<string, MutantDefinition>>;

/** The name of a mutant: the area of the checks that kill it, and its defect. */
export type MutantId = keyof typeof MUTANTS;

/** Those that the worker has to implement. */
export type WorkerMutantId = {
  [Id in MutantId]: (typeof MUTANTS)[Id]["making"]["kind"] extends "worker" ? Id : never;
}[MutantId];

/** Every name. */
export const MUTANT_IDS = Object.keys(MUTANTS) as readonly MutantId[];

/** The definition of a mutant. */
export function mutantOf(id: MutantId): MutantDefinition {
  return MUTANTS[id];
}
