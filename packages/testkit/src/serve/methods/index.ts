import { defineMethod, type Method } from "../method.js";
import { ASSERT_METHODS, ASSERTIONS } from "./assert-methods.js";
import { EVIDENCE_METHODS } from "./evidence-methods.js";
import { initialize, INITIALIZE_PARAMS } from "./initialize.js";
import { PROCESS_METHODS } from "./process-methods.js";
import { RESPONSE_METHODS } from "./response-methods.js";
import { START_METHODS } from "./start-methods.js";
import { WORKER_METHODS } from "./worker-methods.js";

/** The methods of each part of the protocol. `docs/serve.md` is generated from them. */
export const METHOD_GROUPS: Readonly<Record<string, Readonly<Record<string, Method>>>> = {
  session: {
    initialize: defineMethod({
      summary: "The first call. An unknown version is refused.",
      params: INITIALIZE_PARAMS,
      result: "`{ protocolVersion, engine: { name, version, pid } }`",
      run: (_, params) => initialize(params).answer,
    }),
    shutdown: defineMethod({
      summary: "Stops every worker, answers, and ends the engine.",
      params: {},
      result: "`{ problems }`: the errors of workers that did not stop as they should",
      run: async ({ state }) => ({ problems: await state.stopAll() }),
    }),
  },
  start: START_METHODS,
  jobs: WORKER_METHODS,
  responses: RESPONSE_METHODS,
  processes: PROCESS_METHODS,
  assertions: ASSERT_METHODS,
  evidence: EVIDENCE_METHODS,
};

/** Every method of the protocol, by its name. */
export const METHODS: Readonly<Record<string, Method>> = Object.assign({}, ...Object.values(METHOD_GROUPS)) as Readonly<
  Record<string, Method>
>;

export { ASSERTIONS, initialize };
