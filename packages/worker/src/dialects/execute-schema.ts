import { REQUEST_LIMITS as LIMITS } from "inference-worker-protocol";

/** JSON Schema of the body of `POST /execute`, made from the limits that check it. */
export const EXECUTE_SCHEMA = {
  type: "object",
  required: ["job_id", "prompt"],
  properties: {
    job_id: { type: "string", minLength: 1, maxLength: LIMITS.jobIdMaxCharacters },
    prompt: { type: "string", minLength: 1, maxLength: LIMITS.promptMaxCharacters },
    max_tokens: { type: "integer", minimum: 1, maximum: LIMITS.maxTokens, default: LIMITS.maxTokens },
    temperature: { type: "number", minimum: 0, maximum: LIMITS.maxTemperature, default: 1 },
    seed: { type: ["integer", "null"], minimum: 0, maximum: Number(LIMITS.maxSeed) },
    top_p: { type: "number", minimum: 0, maximum: 1, default: 1 },
    top_k: { type: "integer", minimum: 0, maximum: LIMITS.maxTopK, default: 0 },
    min_p: { type: "number", minimum: 0, maximum: 1, default: 0 },
    repetition_penalty: { type: "number", exclusiveMinimum: 0, maximum: LIMITS.maxRepetitionPenalty, default: 1 },
    stop: {
      type: "array",
      maxItems: LIMITS.maxStopCount,
      items: { type: "string", minLength: 1, maxLength: LIMITS.maxStopBytes },
      default: [],
    },
  },
} as const;
