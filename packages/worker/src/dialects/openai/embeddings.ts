import * as v from "valibot";
import type { Engine } from "../../engine/engine.js";
import { parseBody } from "../body.js";
import type { JsonObject, ServedModel } from "../dialect.js";
import { requireModel } from "../failures.js";
import { requireFeature } from "../features.js";
import * as f from "../fields.js";

const DEFAULT_DIMENSIONS = 384;
/** Bounds the answer: 256 vectors of 4,096 numbers are some 20 MB as text. */
const MOST_DIMENSIONS = 4_096;
const MOST_INPUTS = 256;

/** The body of `POST /v1/embeddings`. */
export const EMBEDDING_REQUEST = v.object({
  model: f.nonEmpty,
  input: v.union([
    f.nonEmpty,
    v.pipe(
      v.array(f.nonEmpty),
      v.minLength(1, "must not be empty"),
      v.maxLength(MOST_INPUTS, `must have at most ${MOST_INPUTS} items`),
    ),
  ]),
  dimensions: f.optional(
    v.pipe(
      v.number(),
      v.integer("must be an integer"),
      v.minValue(1, "must be at least 1"),
      v.maxValue(MOST_DIMENSIONS, `must be at most ${MOST_DIMENSIONS}`),
    ),
  ),
  encoding_format: f.optional(v.picklist(["float", "base64"])),
});

/**
 * The vectors of one or several texts.
 *
 * @throws {WorkerError} INVALID_REQUEST, NOT_FOUND
 */
export function embedAll(body: JsonObject, engine: Engine, served: ServedModel): object {
  const { model, input, dimensions, encoding_format } = parseBody(EMBEDDING_REQUEST, body);
  requireModel(model, served);
  requireFeature(served, "embeddings", "model");
  const texts = typeof input === "string" ? [input] : input;
  const data = texts.map((text, index) => {
    const vector = engine.embed?.(text, dimensions ?? DEFAULT_DIMENSIONS) ?? [];
    return { object: "embedding", index, embedding: encoding_format === "base64" ? toBase64(vector) : vector };
  });
  const tokens = texts.reduce((sum, text) => sum + engine.tokenize(text).length, 0);
  return { object: "list", data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

/** 32-bit floats, the lowest byte first. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(4 * vector.length);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, 4 * index);
  return bytes.toString("base64");
}
