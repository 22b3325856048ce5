import type { Call } from "./listener.js";
import type { WorkerState } from "./worker-state.js";

/** One request and its response in progress. */
export interface Exchange extends Call {
  readonly state: WorkerState;
}

/** What answers a method on a path; `handle` gets what the first group of the path matched. A route for GET answers HEAD as well. */
export interface Route {
  readonly path: RegExp;
  readonly method: "GET" | "POST";
  readonly handle: (exchange: Exchange, parameter: string) => Promise<void> | void;
}
