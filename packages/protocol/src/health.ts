import * as v from "valibot";
import { parseAnswer } from "./schema-problem.js";

/**
 * What a worker promises about repeated jobs with the same model, prompt, seed and parameters:
 * `repeat` in one process, `restart` in another process, `slot` whichever slot runs it, `load` whatever runs beside it.
 */
export const DETERMINISM_LEVELS = ["repeat", "restart", "slot", "load"] as const;
export type DeterminismLevel = (typeof DETERMINISM_LEVELS)[number];

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const healthSchema = v.looseObject({
  status: v.picklist(["healthy", "unhealthy"]),
  worker_id: v.string(),
  model: v.string(),
  device: v.string(),
  resident: v.boolean(),
  vram_bytes: count,
  quant_kind: v.string(),
  context_length: count,
  vocab_size: count,
  uptime_seconds: v.pipe(v.number(), v.minValue(0)),
  slots: v.object({ total: count, busy: count, queued: count }),
  determinism: v.array(v.picklist(DETERMINISM_LEVELS)),
  pid: count,
});

const slotsSchema = v.looseObject({
  slots: v.looseObject({ busy: count, queued: count, total: v.optional(count) }),
});

/** How busy a worker is, as far as it says so. */
export interface Slots {
  readonly busy: number;
  readonly queued: number;
  readonly total?: number | undefined;
}

/** The answer of `GET /health`. Unknown extra fields are kept. */
export type Health = v.InferOutput<typeof healthSchema>;

/**
 * Checks a decoded answer of `GET /health`.
 *
 * @throws {TypeError} naming every field that does not fit.
 */
export function parseHealth(value: unknown): Health {
  return parseAnswer(healthSchema, value);
}

/**
 * Reads the `slots` of a decoded answer of `GET /health`, and looks at nothing else.
 *
 * @throws {TypeError} naming every field of `slots` that does not fit.
 */
export function parseSlots(value: unknown): Slots {
  const { busy, queued, total } = parseAnswer(slotsSchema, value).slots;
  return { busy, queued, total };
}
