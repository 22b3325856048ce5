import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { SEED_HEADER } from "inference-worker-protocol";
import type { EngineRequest } from "../../engine/engine.js";
import { hasValue, readBody, withBody } from "./change-body.js";
import { changingBody, failingFor } from "./http-mutations.js";
import type { CreateMutation, Mutation } from "./mutation.js";
import { reviseAnswer } from "./revise-answer.js";

/** The smallest temperature by which a 32-bit float can be divided without trouble. */
const SMALLEST_TEMPERATURE = 1e-4;
/** Two prompts with this many characters in common share a block of the prefix cache. */
const BLOCK_LENGTH = 32;

function replacing(
  fields: Partial<EngineRequest> | ((request: EngineRequest) => Partial<EngineRequest>),
): CreateMutation {
  return () => ({
    changeRequest: (request) => ({ ...request, ...(typeof fields === "function" ? fields(request) : fields) }),
  });
}

/** Answers with the state of the prompt before, if it is another one that begins in the same way. */
function mixUpPrefixes(): ReturnType<CreateMutation> {
  let previous = "";
  const changeRequest = (request: EngineRequest): EngineRequest => {
    const { prompt } = request;
    const cached = prompt.slice(0, BLOCK_LENGTH) === previous.slice(0, BLOCK_LENGTH) ? previous : prompt;
    previous = prompt;
    return { ...request, prompt: cached };
  };
  return { changeRequest };
}

/** Adds a random number of the process to every prompt. */
function differByProcess(): ReturnType<CreateMutation> {
  const salt = randomBytes(8).toString("hex");
  return { changeRequest: (request) => ({ ...request, prompt: `${request.prompt} ${salt}` }) };
}

/** Takes the seed from the headers, and replaces it in the events of this project's own protocol. */
function hideSeed(response: ServerResponse): void {
  const headers = (given: Readonly<Record<string, unknown>>) => {
    response.removeHeader(SEED_HEADER);
    return given;
  };
  const text = (piece: string): string => piece.replace(/"seed":\d+/, `"seed":${randomBytes(4).readUInt32LE()}`);
  reviseAnswer(response, { headers, text });
}

/** Samples requests without a seed with the same one. */
function haveDefaultSeed(): Mutation {
  let isOmitted = false;
  return {
    intercept: async (call, next) => {
      if (call.request.method !== "POST") return next(call);
      const { bytes, json } = await readBody(call.request);
      isOmitted = !hasValue(json, (key, value) => key === "seed" && value !== null);
      if (isOmitted) hideSeed(call.response);
      return next({ ...call, request: withBody(call.request, bytes) });
    },
    changeRequest: (request) => (isOmitted ? { ...request, seed: 42n } : request),
  };
}

/** The defects of sampling and of its repeatability. */
export const SAMPLING_MUTATIONS = {
  "sampling.zero-is-the-default": replacing(({ temperature }) => ({
    temperature: temperature === 0 ? 1 : temperature,
  })),
  "sampling.ignores-the-seed": replacing({ seed: 42n }),
  "sampling.draws-its-own-seed": replacing(() => ({ seed: randomBytes(8).readBigUInt64LE() })),
  "sampling.always-greedy": replacing({ temperature: 0 }),
  "sampling.ignores-top-k": replacing({ top_k: 0 }),
  "sampling.ignores-top-p": replacing({ top_p: 1 }),
  "sampling.ignores-min-p": replacing({ min_p: 0 }),
  "sampling.ignores-repetition-penalty": replacing({ repetition_penalty: 1 }),
  "sampling.divides-by-tiny-temperatures": failingFor(({ json }) =>
    hasValue(
      json,
      (key, value) => key === "temperature" && value !== 0 && Math.abs(Number(value)) < SMALLEST_TEMPERATURE,
    ),
  ),
  "determinism.shares-a-block-too-many": mixUpPrefixes,
  "determinism.differs-by-process": differByProcess,
  "sampling.has-a-default-seed": haveDefaultSeed,
  "sampling.ignores-penalties": changingBody(({ presence_penalty: _, frequency_penalty: __, ...body }) => body),
} as const satisfies Readonly<Record<string, CreateMutation>>;
