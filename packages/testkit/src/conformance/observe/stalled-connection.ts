import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { CheckContext } from "../context.js";
import { addressOf } from "../target/raw-socket.js";
import { findLargestAnswer } from "./largest-answer.js";

/** More than the buffers of both systems hold for one connection on loopback. */
const FILLING_BYTES = 6 * 1024 * 1024;
const MOST_REQUESTS = 20_000;
/** Requests that only the buffers take once the server waits: each has a header of this size. */
const PADDING = "x".repeat(4_000);
const PADDED_REQUESTS = 2_000;
/** A server that takes nothing for this long waits for its reader. */
const STANDSTILL_MS = 1_000;
const BATCH = 50;

/** A connection whose answers nobody reads. */
export interface StalledConnection {
  /** Whether the server has stopped to read requests, because its answers are not taken. Otherwise it closed the connection, or keeps them all. */
  readonly isStalled: boolean;
  close(): void;
}

/**
 * Fills a connection with answers that are not read: a stream of tokens is too small to fill the buffers of two systems, many answers to
 * a GET in a row are not. At most 20,000 requests and 10 MiB are sent.
 */
export async function stallConnection(context: CheckContext): Promise<StalledConnection> {
  const { path, answerBytes } = await findLargestAnswer(context);
  const { target } = context;
  const socket = connect({
    ...addressOf(target.url),
    onread: { buffer: Buffer.alloc(1), callback: () => false }, // and never resumed
  });
  const isClosed = (): boolean => socket.destroyed || socket.errored !== null;
  socket.on("error", () => undefined).on("end", () => socket.destroy());
  const ask = (lines: readonly string[]): string => target.writeHead(`GET ${path}`, lines);
  const count = Math.min(MOST_REQUESTS, Math.ceil(FILLING_BYTES / answerBytes));
  const parts = [...repeat(ask([]), count), ...repeat(ask([`x-padding: ${PADDING}`]), PADDED_REQUESTS)];
  let isStalled = false;
  for (let index = 0; index < parts.length && !isClosed() && !isStalled; index += BATCH) {
    isStalled = !(await write(socket, parts.slice(index, index + BATCH).join(""), context.signal));
  }
  return { isStalled: isStalled && !isClosed(), close: () => socket.destroy() };
}

const repeat = (text: string, count: number): string[] => Array.from({ length: count }, () => text);

/** Whether the system takes the bytes in time. */
async function write(socket: Socket, text: string, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const written = new Promise<boolean>((resolve) => {
    socket.once("close", () => resolve(true));
    socket.write(text, () => resolve(true));
  });
  const late = delay(STANDSTILL_MS, false, { signal: AbortSignal.any([signal, over.signal]) });
  try {
    return await Promise.race([written, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
    socket.removeAllListeners("close");
  }
}
