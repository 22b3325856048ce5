import * as v from "valibot";
import type { OutputFormat } from "../../engine/engine.js";
import * as f from "../fields.js";

/** `response_format` of a chat. */
export const responseFormat = v.variant("type", [
  v.object({ type: v.literal("text") }),
  v.object({ type: v.literal("json_object") }),
  v.object({ type: v.literal("json_schema"), json_schema: v.object({ schema: f.jsonSchema }) }),
]);

/** `text.format` of a response. */
export const textFormat = v.variant("type", [
  v.object({ type: v.literal("text") }),
  v.object({ type: v.literal("json_object") }),
  v.object({ type: v.literal("json_schema"), name: v.optional(v.string()), schema: f.jsonSchema }),
]);

type Format = v.InferOutput<typeof responseFormat> | v.InferOutput<typeof textFormat>;

export function toFormat(format: Format | null | undefined): OutputFormat | undefined {
  if (format === null || format === undefined || format.type === "text") return undefined;
  if (format.type === "json_object") return { kind: "json_object" };
  return { kind: "json_schema", schema: "schema" in format ? format.schema : format.json_schema.schema };
}
