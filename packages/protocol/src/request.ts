import * as v from "valibot";
import { REQUEST_LIMITS as LIMITS } from "./limits.js";
import { cut } from "./preview.js";
import { InvalidRequestError, type FieldError } from "./request-error.js";

/** The body of `POST /execute`; everything except `job_id` and `prompt` has a default. */
export interface ExecuteRequest {
  /** Identifies the job; 1..256 characters, unique among queued and running jobs. */
  readonly job_id: string;
  /** 1..32768 Unicode code points. */
  readonly prompt: string;
  /** 1..2048. @default 2048 */
  readonly max_tokens?: number | undefined;
  /** 0..2; 0 is greedy. @default 1 */
  readonly temperature?: number | undefined;
  /** u64. If `null` or absent, the worker chooses one and reports it in `started`. */
  readonly seed?: bigint | number | null | undefined;
  /** Nucleus sampling, 0..1; 1 is off. @default 1 */
  readonly top_p?: number | undefined;
  /** Keep the k most likely tokens, 0..2^31-1; 0 is off. @default 0 */
  readonly top_k?: number | undefined;
  /** Drop tokens below this fraction of the most likely token's probability, 0..1; 0 is off. @default 0 */
  readonly min_p?: number | undefined;
  /** Above 0 up to 2; 1 is off. @default 1 */
  readonly repetition_penalty?: number | undefined;
  /** At most 4 stop sequences of 1..100 bytes UTF-8. @default [] */
  readonly stop?: readonly string[] | undefined;
}

/** An {@link ExecuteRequest} with every default filled in; `seed` remains `null` if the worker is to choose one. */
export interface ResolvedExecuteRequest {
  readonly job_id: string;
  readonly prompt: string;
  readonly max_tokens: number;
  readonly temperature: number;
  readonly seed: bigint | null;
  readonly top_p: number;
  readonly top_k: number;
  readonly min_p: number;
  readonly repetition_penalty: number;
  readonly stop: readonly string[];
}

/** Worker-specific limits for {@link parseExecuteRequest}. */
export interface ExecuteRequestOptions {
  /** The worker's own limit on `max_tokens`, 1..2048; also the default of the field. @default 2048 */
  readonly maxTokensOut?: number | undefined;
}

/** Constraint names are the valibot messages, so that each issue names its rule. */
const text = (max: number) =>
  v.pipe(
    v.string("type(string)"),
    v.minLength(1, "non_empty"),
    v.check((value) => countCodePoints(value, max) <= max, `length(1..=${max})`),
  );

const decimal = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** {@link parseJson} returns a huge integer as a bigint, which is still a number, only out of range. */
const isNumber = (value: unknown): value is number | bigint =>
  typeof value === "bigint" || (typeof value === "number" && !Number.isNaN(value));

const isInteger = (value: unknown): value is number | bigint => typeof value === "bigint" || Number.isInteger(value);

const numberWhere = (inRange: (value: number | bigint) => boolean, constraint: string) =>
  v.pipe(v.custom<number | bigint>(isNumber, "type(number)"), v.check(inRange, constraint), v.transform(Number));

const number = (min: number, max: number) =>
  numberWhere((value) => value >= min && value <= max, `range(${decimal(min)}..=${decimal(max)})`);

const positive = (max: number) => numberWhere((value) => value > 0 && value <= max, `range(0.0<..=${decimal(max)})`);

const integer = (min: number, max: number) => {
  const constraint = `range(${min}..=${max})`;
  const inRange = (value: number | bigint) => value >= min && value <= max;
  return v.pipe(
    v.custom<number | bigint>(isInteger, "type(integer)"),
    v.check(inRange, constraint),
    v.transform(Number),
  );
};

const seed = v.nullable(
  v.pipe(
    v.custom<number | bigint>(isInteger, "type(integer)"),
    v.transform((value) => BigInt(value)),
    v.check((value) => value >= 0n && value <= LIMITS.maxSeed, `range(0..=${LIMITS.maxSeed})`),
  ),
);

const stopSequence = v.pipe(
  v.string("type(string)"),
  v.minLength(1, "non_empty"),
  v.maxBytes(LIMITS.maxStopBytes, `max_bytes(${LIMITS.maxStopBytes})`),
);

const stop = v.pipe(
  v.array(v.unknown(), "type(array)"),
  v.maxLength(LIMITS.maxStopCount, `max_count(${LIMITS.maxStopCount})`),
  v.array(stopSequence),
);

const schemas = new Map<number, ReturnType<typeof createSchema>>();

function createSchema(maxTokensOut: number) {
  return v.object(
    {
      job_id: text(LIMITS.jobIdMaxCharacters),
      prompt: text(LIMITS.promptMaxCharacters),
      max_tokens: v.optional(integer(1, maxTokensOut), maxTokensOut),
      temperature: v.optional(number(0, LIMITS.maxTemperature), 1),
      seed: v.optional(seed, null),
      top_p: v.optional(number(0, 1), 1),
      top_k: v.optional(integer(0, LIMITS.maxTopK), 0),
      min_p: v.optional(number(0, 1), 0),
      repetition_penalty: v.optional(positive(LIMITS.maxRepetitionPenalty), 1),
      stop: v.optional(stop, []),
    },
    (issue) => (issue.expected.startsWith('"') ? "required" : "type(object)"),
  );
}

/**
 * Validates a decoded body of `POST /execute` and fills in the defaults. Unknown fields are ignored; `1.0` is an integer.
 *
 * @throws {InvalidRequestError} with **all** violations at once, in the order of the protocol's table.
 * @example parseExecuteRequest({ job_id: "a", prompt: "Hello" }).max_tokens // 2048
 */
export function parseExecuteRequest(body: unknown, options: ExecuteRequestOptions = {}): ResolvedExecuteRequest {
  const result = v.safeParse(schemaFor(options.maxTokensOut ?? LIMITS.maxTokens), body, { abortPipeEarly: true });
  if (!result.success) throw new InvalidRequestError(result.issues.map(toFieldError));
  return result.output;
}

function schemaFor(maxTokensOut: number) {
  const schema = schemas.get(maxTokensOut) ?? createSchema(maxTokensOut);
  schemas.set(maxTokensOut, schema);
  return schema;
}

const NEVER_ECHOED = new Set(["body", "prompt", "stop"]);

function toFieldError(issue: v.BaseIssue<unknown>): FieldError {
  const [root, ...rest] = (v.getDotPath(issue) ?? "body").split(".") as [string, ...string[]];
  const field = [root, ...rest.map((index) => `[${index}]`)].join("");
  const constraint = issue.message;
  const error = { field, constraint, message: `${field} ${describe(constraint)}` };
  const scalar = typeof issue.input !== "object" || issue.input === null; // an answer never repeats a whole object or array
  const echoed = constraint !== "required" && scalar && !NEVER_ECHOED.has(root);
  return echoed ? { ...error, value: echo(issue.input) } : error;
}

/** The value as repeated in the answer: truncated, and as text if JSON cannot represent it (`1e999` is read as Infinity). */
function echo(value: unknown): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value === "bigint") return shorten(value);
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function shorten(value: bigint): bigint | string {
  const text = String(value);
  const shown = cut(text);
  return shown === text ? value : shown;
}

/** A phrase for each constraint name. */
function describe(constraint: string): string {
  const [, name = constraint, bounds = ""] = /^(\w+)\((.*)\)$/.exec(constraint) ?? [];
  const [min, max] = bounds.split("..=");
  if (name === "required") return "is required";
  if (name === "non_empty") return "must not be empty";
  if (name === "type") return `must be ${/^[aeio]/.test(bounds) ? "an" : "a"} ${bounds}`;
  if (name === "length") return `must have ${min} to ${max} characters`;
  if (name === "max_count") return `must have at most ${bounds} items`;
  if (name === "max_bytes") return `must have at most ${bounds} bytes of UTF-8`;
  return min?.endsWith("<") ? `must be above ${min.slice(0, -1)} and at most ${max}` : `must be from ${min} to ${max}`;
}

/** Counts code points, and stops counting just above `limit`. */
function countCodePoints(value: string, limit: number): number {
  if (value.length <= limit) return value.length;
  let count = 0;
  for (const _ of value) if (++count > limit) break;
  return count;
}
