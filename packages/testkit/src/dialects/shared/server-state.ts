import type { Endpoint, Slots } from "../dialect.js";
import { fieldsOf, parseAnswer } from "./json.js";

/** Counters of generated tokens, of the servers that have one. */
export const TOKEN_COUNTERS = [
  "vllm:generation_tokens_total",
  "llamacpp:tokens_predicted_total",
  "sglang:generation_tokens_total",
  "worker_tokens_generated_total",
];

/** Gauges of jobs that run and that wait. */
const GAUGES = [
  { busy: "vllm:num_requests_running", queued: "vllm:num_requests_waiting" },
  { busy: "llamacpp:requests_processing", queued: "llamacpp:requests_deferred" },
  { busy: "sglang:num_running_reqs", queued: "sglang:num_queue_reqs" },
  { busy: 'worker_slots{state="busy"}', queued: 'worker_slots{state="queued"}' },
  { busy: "tgi_batch_current_size", queued: "tgi_queue_size" },
];

/** From the Prometheus metrics. */
export const metricsSlots: Endpoint<Slots> = { path: "/metrics", accepts: [200], parse: parseGauges };

/** From llama-server's list of slots, which does not show jobs that wait for one. */
export const slotListSlots: Endpoint<Slots> = { path: "/slots", accepts: [200], parse: parseSlotList };

function parseGauges(text: string): Slots {
  const found = GAUGES.map((names) => ({ busy: sumOf(text, names.busy), queued: sumOf(text, names.queued) }));
  const known = found.find(({ busy }) => busy !== undefined);
  if (known?.busy === undefined) throw new TypeError("none of the known gauges of running jobs is in the metrics");
  return { busy: known.busy, queued: known.queued };
}

/** Of all label sets: an engine each. */
function sumOf(text: string, name: string): number | undefined {
  const samples = text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  const values = samples.map((line) => Number(/\s([\d.eE+-]+)\s*(?:\d+\s*)?$/.exec(line.trim())?.[1]));
  return values.length === 0 || values.some(Number.isNaN) ? undefined : values.reduce((sum, value) => sum + value, 0);
}

function parseSlotList(body: string): Slots {
  const slots = parseAnswer(body);
  if (!Array.isArray(slots)) throw new TypeError("expected a list of slots");
  const busy = slots.filter((slot) => fieldsOf(slot)["is_processing"] === true).length;
  return { busy, total: slots.length };
}
