import type { InferenceEvent } from "inference-worker-protocol";
import { collectStream, type CollectedStream } from "../../src/events/index.js";
import type { JobFacts } from "../../src/jobs/job-outcome.js";
import { encode, from } from "../events/support.js";

/** A stream of these events, read to its end; each event is a chunk of its own. */
export function streamOf(events: readonly InferenceEvent[], tail = ""): Promise<CollectedStream> {
  return collectStream(from(...events.map((event) => encode([event])), tail));
}

export const facts: JobFacts = {
  index: 0,
  jobId: "job-1",
  correlationId: "0b7c6a52-2f6e-4b3e-9d3c-7e1f2a3b4c5d",
  timings: { sentAtMs: 1, closedAtMs: 2 },
};
