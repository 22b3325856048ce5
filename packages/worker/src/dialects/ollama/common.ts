import * as v from "valibot";
import type { OutputFormat } from "../../engine/engine.js";
import type { Ask, ServedModel } from "../dialect.js";
import { requireModel } from "../failures.js";
import { requireFeature } from "../features.js";
import * as f from "../fields.js";

const options = v.object({
  num_predict: f.optional(v.pipe(v.number(), v.integer("must be an integer"), v.minValue(-2))),
  temperature: f.temperature,
  top_p: f.share,
  top_k: f.topK,
  min_p: f.share,
  repeat_penalty: f.penalty,
  seed: f.optional(f.seed),
  stop: f.optional(f.stop),
  presence_penalty: f.only(0),
  frequency_penalty: f.only(0),
  mirostat: f.only(0),
  tfs_z: f.only(1),
  typical_p: f.only(1),
  num_keep: f.only(0),
});

/** Fields of both routes that generate. */
export const COMMON = {
  model: f.nonEmpty,
  stream: f.optional(v.boolean()),
  format: f.optional(v.union([v.picklist(["", "json"]), f.jsonSchema])),
  options: f.optional(options),
  think: f.optional(v.union([v.boolean(), v.picklist(["low", "medium", "high"])])),
  logprobs: f.only(false),
  top_logprobs: f.only(0),
} as const;

type CommonFields = v.InferOutput<v.ObjectSchema<typeof COMMON, undefined>>;

/** What both routes ask for in the same way. Names without a tag mean `:latest`. */
export function readCommon(
  fields: CommonFields,
  served: ServedModel,
): Pick<Ask, "model" | "sampling" | "maxTokens" | "format"> {
  const { names } = served;
  requireModel(fields.model, { ...served, names: [...names, ...names.map(addTag)] });
  if (fields.think !== undefined && fields.think !== null && fields.think !== false) {
    requireFeature(served, "thinking", "think");
  }
  const given = fields.options ?? {};
  const { num_predict: limit } = given;
  return {
    model: fields.model,
    maxTokens: limit == null || limit < 1 ? undefined : limit,
    format: toFormat(fields.format),
    sampling: {
      temperature: given.temperature ?? undefined,
      top_p: given.top_p ?? undefined,
      top_k: f.toTopK(given.top_k),
      min_p: given.min_p ?? undefined,
      repetition_penalty: given.repeat_penalty ?? undefined,
      seed: given.seed,
      stop: f.toStops(given.stop),
    },
  };
}

/** What Ollama calls the fields of `POST /execute`. */
export const OPTION_NAMES = { stop: "options.stop" } as const;

export function addTag(name: string): string {
  return name.includes(":") ? name : `${name}:latest`;
}

function toFormat(format: CommonFields["format"]): OutputFormat | undefined {
  if (format == null || format === "") return undefined;
  return format === "json" ? { kind: "json_object" } : { kind: "json_schema", schema: format };
}
