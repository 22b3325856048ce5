import { setTimeout as delay } from "node:timers/promises";
import { WorkerError } from "inference-worker-protocol";
import type { Call } from "../../http/index.js";
import { findPath } from "./change-body.js";
import type { CreateMutation, Mutation } from "./mutation.js";

/** What dialects ask to know whether a server is ready. */
const READY = /^\/(health|v1\/models|api\/version|api\/tags)$/;

/** So much later than the end of the last job is the health answered. */
const LATE_MS = 100;

function isHealth({ request }: Call): boolean {
  return request.method === "GET" && READY.test(findPath(request));
}

function failFirst(): Mutation {
  let isLoaded = false;
  return {
    intercept: (call, next) => {
      if (call.request.method !== "POST" || isLoaded) return next(call);
      isLoaded = true;
      throw new WorkerError("INTERNAL", "the model is not loaded");
    },
  };
}

function failAfterJobs(): Mutation {
  let isTired = false;
  return {
    intercept: (call, next) => {
      if (call.request.method === "POST") isTired = true;
      if (!isTired || !isHealth(call)) return next(call);
      isTired = false;
      call.response.writeHead(503).end();
      return Promise.resolve();
    },
  };
}

function waitForJobs(): Mutation {
  const running = new Set<Promise<void>>();
  const track = ({ response }: Call): void => {
    const ended = new Promise<void>((resolve) => response.once("close", resolve));
    running.add(ended);
    void ended.then(() => running.delete(ended));
  };
  return {
    intercept: async (call, next) => {
      if (call.request.method === "POST") track(call);
      if (isHealth(call) && running.size > 0) await Promise.all(running).then(() => delay(LATE_MS));
      return next(call);
    },
  };
}

/** The defects of readiness. */
export const READY_MUTATIONS = {
  "ready.too-early": failFirst,
  "ready.not-after-a-job": failAfterJobs,
  "ready.silent-while-generating": waitForJobs,
} as const satisfies Readonly<Record<string, CreateMutation>>;
