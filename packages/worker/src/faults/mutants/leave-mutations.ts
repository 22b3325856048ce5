import { openSync } from "node:fs";
import type { Socket } from "node:net";
import { TextPipeline } from "../../text/index.js";
import { readBody, withBody } from "./change-body.js";
import type { CreateMutation, Mutation } from "./mutation.js";
import { reviseAnswer } from "./revise-answer.js";

const LEFT = "left over ";
const READERS = 4;
/** States of a cancellation that found no job. */
const NOT_RUNNING = /"state":"(finished|unknown)"/;

/** Text that is left in a slot once a job has been cancelled. */
function leaveText(): Mutation {
  let isDirty = false;
  return {
    leave: ({ proceed }) => {
      isDirty = true;
      proceed();
    },
    createPipeline: (stops) => {
      const pipeline = new TextPipeline(stops);
      let isFirst = true;
      const push: TextPipeline["push"] = (bytes) => {
        const { text, ...match } = pipeline.push(bytes);
        const whole = isFirst && isDirty ? LEFT + text : text;
        isFirst = false;
        return { text: whole, ...match };
      };
      return { push, end: () => pipeline.end() };
    },
  };
}

function loseReaders(): Mutation {
  let lost = 0;
  return {
    intercept: async (call, next) => {
      if (call.request.method !== "POST") return next(call);
      if (lost >= READERS) return new Promise<void>((resolve) => call.response.once("close", resolve));
      const read = await readBody(call.request).catch((error: unknown) => {
        lost += 1;
        throw error;
      });
      return next({ ...call, request: withBody(call.request, read.bytes) });
    },
  };
}

function serveOneConnection(): Mutation {
  const open = new Set<Socket>();
  const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    intercept: async (call, next) => {
      const { method, socket } = call.request;
      if (method !== "POST") return next(call);
      const earlier = [...open].filter((other) => other !== socket && !other.destroyed);
      if (!open.has(socket)) {
        open.add(socket);
        socket.once("close", () => open.delete(socket));
      }
      await Promise.all(earlier.map(closed));
      return call.response.destroyed ? undefined : next(call);
    },
  };
}

/** Writes as if all connections had one thread, which blocks in each of them. */
function waitForTheSlowest(): Mutation {
  const open = new Set<Socket>();
  return {
    intercept: async (call, next) => {
      const { socket } = call.request;
      if (!open.has(socket)) {
        open.add(socket);
        socket.once("close", () => open.delete(socket));
      }
      const slow = [...open].filter((other) => other !== socket && other.writableLength > 0);
      await Promise.all(slow.map(taken));
      return call.response.destroyed ? undefined : next(call);
    },
  };
}

function taken(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
}

/** The defects of jobs that are cancelled or left. */
export const LEAVE_MUTATIONS = {
  "cancel.lost-before-the-first-token": () => ({
    leave: ({ tokenCount, proceed }) => {
      if (tokenCount > 0) proceed();
    },
  }),
  "cancel.ends-other-jobs": () => ({
    leave: ({ proceed, endOthers }) => {
      endOthers();
      proceed();
    },
  }),
  "cancel.leaves-text-in-its-slot": leaveText,
  "cancel.fails-for-ended-jobs": () => ({
    intercept: (call, next) => {
      const isCancel = call.request.url?.startsWith("/cancel") === true;
      if (isCancel) reviseAnswer(call.response, { status: (status, text) => (NOT_RUNNING.test(text) ? 500 : status) });
      return next(call);
    },
  }),
  "disconnect.loses-files": () => ({
    leave: ({ proceed }) => {
      openSync("/dev/null", "r");
      proceed();
    },
  }),
  "disconnect.loses-readers": loseReaders,
  "disconnect.one-connection-at-a-time": serveOneConnection,
  "disconnect.waits-for-the-slowest-reader": waitForTheSlowest,
} as const satisfies Readonly<Record<string, CreateMutation>>;
