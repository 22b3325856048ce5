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
