import { isOpen, type LoadProfile } from "../schedule/profile.js";
import { metricOf, type LatencyMetric } from "./registry.js";

/** The moment from which the latencies of a run are judged. */
export type JudgedFrom = "schedule" | "send";

/** A metric, or its from-schedule counterpart. */
export type Judged<Key extends LatencyMetric> = Key | Extract<LatencyMetric, `${Key}FromSchedule`>;

/**
 * An open loop is judged from schedule: a user's wait begins when the user arrives, not when a late client sends. In a closed loop a
 * request is due only once a client is free for it, so it is judged from its send time.
 */
export function judgedFrom(profile: LoadProfile): JudgedFrom {
  return isOpen(profile) ? "schedule" : "send";
}

/** The metric that a limit, a comparison or a summary uses for `metric`. */
export function judgedMetric<Key extends LatencyMetric>(metric: Key, from: JudgedFrom): Judged<Key> {
  const entry = metricOf(metric);
  const other = entry.kind === "request" && from === "schedule" ? entry.fromSchedule : undefined;
  return (other ?? metric) as Judged<Key>;
}
