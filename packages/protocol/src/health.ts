import * as v from "valibot";
import { parseAnswer } from "./schema-problem.js";

/**
 * What a worker guarantees about repeated jobs with the same model, prompt, seed and parameters: `repeat` within one
 * process, `restart` across processes, `slot` in any slot, `load` under any concurrent load.
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

/** How busy a worker is, as it reports. */
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
 * @throws {TypeError} naming every invalid field.
 */
export function parseHealth(value: unknown): Health {
  return parseAnswer(healthSchema, value);
}

/**
 * Reads the `slots` of a decoded answer of `GET /health`, and ignores everything else.
 *
 * @throws {TypeError} naming every invalid field of `slots`.
 */
export function parseSlots(value: unknown): Slots {
  const { busy, queued, total } = parseAnswer(slotsSchema, value).slots;
  return { busy, queued, total };
}
