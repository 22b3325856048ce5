import { REQUEST_LIMITS as LIMITS } from "inference-worker-protocol";
import * as v from "valibot";

/** A field that may be absent; `null` is the same. */
export function optional<Schema extends v.GenericSchema>(schema: Schema) {
  return v.optional(v.nullable(schema));
}

/** A field with one value that changes nothing; every other one is refused. */
export function only<Value extends string | number | boolean>(value: Value) {
  return optional(v.literal(value, `is not supported; the only value is \`${String(value)}\``));
}

/** A field that is refused if it is there. */
export const unsupported = optional(v.never("is not supported"));

/** An object or a list that may only be empty. */
export const onlyEmptyObject = optional(v.pipe(v.record(v.string(), v.unknown()), v.maxEntries(0, "is not supported")));
export const onlyEmptyList = optional(v.pipe(v.array(v.unknown()), v.maxLength(0, "is not supported")));

export function range(min: number, max: number) {
  return v.pipe(
    v.number(),
    v.minValue(min, `must be from ${min} to ${max}`),
    v.maxValue(max, `must be from ${min} to ${max}`),
  );
}

export const tokenLimit = v.pipe(
  v.number(),
  v.integer("must be an integer"),
  v.minValue(1, "must be at least 1"),
  v.description("A larger number than the worker's `--max-tokens-out`, or than the context holds, means that one."),
);

const isSeed = (value: unknown): value is number | bigint =>
  typeof value === "bigint"
    ? value >= 0n && value <= LIMITS.maxSeed
    : Number.isSafeInteger(value) && (value as number) >= 0;
export const seed = v.custom<number | bigint>(isSeed, `must be an integer from 0 to ${LIMITS.maxSeed}`);

const stopSequence = v.pipe(
  v.string(),
  v.minLength(1, "must not be empty"),
  v.maxBytes(LIMITS.maxStopBytes, `must have at most ${LIMITS.maxStopBytes} bytes of UTF-8`),
);
export const stopList = v.pipe(
  v.array(stopSequence),
  v.maxLength(LIMITS.maxStopCount, `must have at most ${LIMITS.maxStopCount} items`),
);
export const stop = v.union([stopSequence, stopList]);

export const temperature = optional(range(0, LIMITS.maxTemperature));
export const share = optional(range(0, 1));
export const topK = optional(
  v.pipe(v.number(), v.integer("must be an integer"), v.minValue(-1), v.maxValue(LIMITS.maxTopK)),
);
export const penalty = optional(
  v.pipe(
    v.number(),
    v.gtValue(0, "must be above 0"),
    v.maxValue(LIMITS.maxRepetitionPenalty, `must be at most ${LIMITS.maxRepetitionPenalty}`),
  ),
);

/** What is nested deeper cannot be written as JSON again. */
const MOST_LEVELS = 100;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && isShallow(value, MOST_LEVELS);
/** An object with any keys, such as a JSON Schema. */
export const jsonSchema = v.custom<Record<string, unknown>>(
  isObject,
  `must be an object of at most ${MOST_LEVELS} levels`,
);

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

export const nonEmpty = v.pipe(v.string(), v.minLength(1, "must not be empty"));

/** `-1` is what vLLM and llama-server read as off. */
export function toTopK(value: number | null | undefined): number | undefined {
  return value === -1 ? 0 : (value ?? undefined);
}

export function toStops(value: string | string[] | null | undefined): string[] | undefined {
  return typeof value === "string" ? [value] : (value ?? undefined);
}
