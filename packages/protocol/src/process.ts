import * as v from "valibot";
import { parseAnswer } from "./schema-problem.js";

const readyLine = v.looseObject({
  event: v.literal("ready"),
  worker_id: v.string(),
  host: v.string(),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  model: v.string(),
  device: v.string(),
  control_url: v.optional(v.string()),
});

/** The stdout line with the address that a worker listens on. */
export type ReadyLine = v.InferOutput<typeof readyLine>;

/**
 * Recognizes the ready line among a worker's stdout lines; `undefined` for any other line.
 *
 * @example findReadyLine('{"event":"startup"}') // undefined
 */
export function findReadyLine(line: string): ReadyLine | undefined {
  if (!line.includes('"ready"')) return undefined;
  try {
    const result = v.safeParse(readyLine, JSON.parse(line));
    return result.success ? result.output : undefined;
  } catch {
    return undefined; // a log line of another program that merely mentions "ready"
  }
}

/** The state of a cancelled job when the cancellation arrived. */
export type CancelState = "cancelling" | "finished" | "unknown";

/** The 202 answer of `POST /cancel/{job_id}`. */
export interface CancelAnswer {
  readonly job_id: string;
  readonly state: CancelState;
}

const cancelAnswer = v.object({ job_id: v.string(), state: v.picklist(["cancelling", "finished", "unknown"]) });

/**
 * Checks a decoded answer of `POST /cancel/{job_id}`.
 *
 * @throws {TypeError} naming every invalid field.
 */
export function parseCancelAnswer(value: unknown): CancelAnswer {
  return parseAnswer(cancelAnswer, value);
}

/** Header with the correlation id, in both directions. */
export const CORRELATION_ID_HEADER = "x-correlation-id";

/**
 * Carries the id of a job, percent-encoded, where the body of a dialect has no place for it; on the request and on the answer. Other servers
 * ignore it.
 */
export const JOB_ID_HEADER = "x-job-id";

/** Header in which worker-orcd reports the seed of a job of another server's API, which has no place for it in its answers. */
export const SEED_HEADER = "x-seed";
