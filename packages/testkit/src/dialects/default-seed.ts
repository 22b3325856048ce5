import type { Dialect, ExecuteBody } from "./dialect.js";

/** The seed of a test request whose test did not choose one. */
export const DEFAULT_SEED = 42;

/** Shared by two copies of this package. It has no value, so that it changes neither the JSON nor a comparison of requests. */
const IS_DEFAULT = Symbol.for("inference-testkit.default-seed");

/** Marks the seed of a request as one that the caller did not choose. Copies of the request keep the mark. */
export function markDefaultSeed<T extends ExecuteBody>(request: T): T {
  return Object.assign(request, { [IS_DEFAULT]: undefined });
}

/** Whether the seed of a request was not chosen by the caller. */
export function hasDefaultSeed(request: ExecuteBody): boolean {
  return IS_DEFAULT in request && request["seed" as keyof ExecuteBody] === DEFAULT_SEED;
}

/** The request without its seed, if that is a default which the dialect cannot carry. A seed that the caller chose stays. */
export function dropDefaultSeed(request: ExecuteBody, { capabilities }: Pick<Dialect, "capabilities">): ExecuteBody {
  const refusesSeed = capabilities.refused?.includes("seed") === true;
  return refusesSeed && hasDefaultSeed(request) ? { ...request, seed: null } : request;
}
