import { setTimeout as delay } from "node:timers/promises";
import { WorkerError } from "inference-worker-protocol";
import type { EngineRequest } from "../../engine/engine.js";
import type { Call, RunRoute } from "../../http/index.js";
import type { CreateMutation, Mutation } from "./mutation.js";

/** How long a request waits for others, to form a batch. */
const BATCH_WINDOW_MS = 50;

/** Counts the requests that are being answered, and lets each wait until those that arrive together are all counted. */
class Batch {
  size = 0;

  async join({ request, response }: Call): Promise<void> {
    if (request.method !== "POST") return;
    this.size += 1;
    response.once("close", () => (this.size -= 1));
    await delay(BATCH_WINDOW_MS);
  }
}

/** The numbers of a batch depend on its size. */
function dependOnBatch(): Mutation {
  const batch = new Batch();
  return {
    intercept: async (call, next) => {
      await batch.join(call);
      return next(call);
    },
    changeRequest: (request) => {
      return batch.size > 1 ? { ...request, prompt: `${request.prompt} batch of ${batch.size}` } : request;
    },
  };
}

/** The job at which it has too many: a slot less than a worker with four slots has. */
const TOO_MANY_JOBS = 4;

/** Has no slot for a fourth job, and no queue. */
function refuseTheLastSlot(): Mutation {
  const batch = new Batch();
  const intercept = async (call: Call, next: RunRoute): Promise<void> => {
    await batch.join(call);
    if (call.request.method === "POST" && batch.size >= TOO_MANY_JOBS)
      throw new WorkerError("QUEUE_FULL", "no free slot");
    return next(call);
  };
  return { intercept };
}

/** Reads the prompt from a buffer that the job before has not left yet. */
function mixPrompts(): Mutation {
  let buffer = "";
  const changeRequest = (request: EngineRequest, runningCount: number): EngineRequest => {
    if (runningCount === 0) buffer = request.prompt;
    return { ...request, prompt: buffer };
  };
  return { changeRequest };
}

/** Does something else than the refusal of a request that finds the queue full. */
function whenFull(refuse: (call: Call) => void): CreateMutation {
  return () => ({
    intercept: async (call, next) => {
      try {
        await next(call);
      } catch (error) {
        if (!(error instanceof WorkerError) || error.code !== "QUEUE_FULL") throw error;
        refuse(call);
      }
    },
  });
}

/** Lets as many requests in as there are slots; the others wait on a stack. */
function serveNewestFirst(): Mutation {
  const waiting: (() => void)[] = [];
  let running = 0;
  const leave = (): void => {
    running -= 1;
    waiting.pop()?.();
  };
  return {
    intercept: async (call, next) => {
      if (call.request.method !== "POST") return next(call);
      if (running >= TOO_MANY_JOBS) await new Promise<void>((resolve) => waiting.push(resolve));
      running += 1;
      if (call.response.destroyed) {
        leave();
        return;
      }
      call.response.once("close", leave);
      return next(call);
    },
  };
}

/** The defects of jobs beside each other. */
export const CONCURRENCY_MUTATIONS = {
  "concurrency.mixes-prompts": mixPrompts,
  "concurrency.refuses-the-fourth": refuseTheLastSlot,
  "determinism.depends-on-the-batch": dependOnBatch,
  "determinism.slots-differ": () => ({
    changeRequest: (request, runningCount) => {
      return runningCount === 0 ? request : { ...request, prompt: `${request.prompt} slot ${runningCount}` };
    },
  }),
  "concurrency.resets-when-full": whenFull(({ response }) => void response.destroy()),
  "concurrency.refuses-as-text": whenFull(({ response }) => {
    response.writeHead(503, { "content-type": "text/plain", "retry-after": "1" }).end("busy");
  }),
  "concurrency.serves-the-newest-first": serveNewestFirst,
} as const satisfies Readonly<Record<string, CreateMutation>>;
