import type { InferenceEvent } from "inference-worker-protocol";
import { collectStream, type CollectedStream } from "../../src/events/index.js";
import type { JobFacts } from "../../src/jobs/job-outcome.js";
import type { JobTarget } from "../../src/jobs/index.js";
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

/** A request that asks for nothing that an answer could ignore. */
export const anyRequest = { request: { prompt: "Hello" }, dialect: undefined };

/** Whether each of these times is known and none is before the one in front of it. */
export function areInOrder(times: readonly (number | undefined)[]): boolean {
  return times.every((time, index) => time !== undefined && time >= (times[index - 1] ?? -Infinity));
}

/** A target that calls `onAnswer` as soon as the response headers of a job are there. */
export function watchAnswers(target: JobTarget, onAnswer: () => void): JobTarget {
  return {
    execute: async (request, options) => {
      const response = await target.execute(request, options);
      onAnswer();
      return response;
    },
    cancel: (jobId, options) => target.cancel(jobId, options),
    health: (options) => target.health(options),
  };
}
