import type { WireMessage } from "../../src/dialects/index.js";
import { once } from "node:events";
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { createServer as createNetServer, type AddressInfo, type Server, type Socket } from "node:net";
import { encodeSseEvent, type EndEvent, type ErrorEvent, type InferenceEvent } from "inference-worker-protocol";
import {
  DEFAULT_STREAM_TIMEOUTS,
  SseDecoder,
  type SseSizeLimits,
  type StreamLimitName,
} from "../../src/events/index.js";

export const started: InferenceEvent = {
  type: "started",
  job_id: "job-1",
  model: "mock",
  started_at: "2025-01-01T00:00:00.000Z",
  seed: 42,
};
export const token = (i: number, t = `t${i}`): InferenceEvent => ({ type: "token", t, i });
export const metrics: InferenceEvent = { type: "metrics", tokens_per_sec: 10 };
export const end = (over: Partial<EndEvent> = {}): EndEvent => ({
  type: "end",
  tokens_out: 2,
  decode_time_ms: 5,
  stop_reason: "max_tokens",
  ...over,
});
export const failure: ErrorEvent = { type: "error", code: "VRAM_OOM", message: "out of memory", retriable: true };
/** A whole good stream. */
export const good: readonly InferenceEvent[] = [started, token(0), token(1), end()];

export const encode = (events: readonly InferenceEvent[]): string => events.map(encodeSseEvent).join("");
export const bytes = (text: string): Uint8Array => Buffer.from(text);

export async function* from(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (const chunk of chunks) yield typeof chunk === "string" ? bytes(chunk) : chunk;
}

/** Slices of `size` bytes. */
export function slice(input: Uint8Array, size: number): Uint8Array[] {
  const slices: Uint8Array[] = [];
  for (let at = 0; at < input.length; at += size) slices.push(input.subarray(at, at + size));
  return slices;
}

export interface Decoded {
  messages: WireMessage[];
  commentCount: number;
  retries: number[];
  ignoredLines: string[];
  overflow: StreamLimitName | undefined;
  unterminatedBytes: number;
  unterminatedText: string;
}

export function decode(slices: readonly Uint8Array[], limits: Partial<SseSizeLimits> = {}): Decoded {
  const seen = {
    messages: [] as WireMessage[],
    commentCount: 0,
    retries: [] as number[],
    ignoredLines: [] as string[],
  };
  let overflow: StreamLimitName | undefined;
  const decoder = new SseDecoder(
    {
      onMessage: (message) => seen.messages.push({ ...message }),
      onComment: () => (seen.commentCount += 1),
      onRetry: (retryMs) => seen.retries.push(retryMs),
      onIgnoredLine: (line) => seen.ignoredLines.push(line),
      onOverflow: (limit) => (overflow = limit),
    },
    { ...DEFAULT_STREAM_TIMEOUTS, ...limits },
  );
  for (const chunk of slices) decoder.feed(chunk);
  decoder.end();
  const { unterminatedBytes, unterminatedText } = decoder;
  return { ...seen, overflow, unterminatedBytes, unterminatedText };
}

export interface LoopbackServer extends AsyncDisposable {
  readonly url: string;
}

/** An HTTP server on a free port; every connection is closed with it. */
export async function serveHttp(answer: (response: ServerResponse) => void): Promise<LoopbackServer> {
  const server = createHttpServer((_request, response) => answer(response));
  return listen(server, () => server.closeAllConnections());
}

/** A server that answers with raw bytes of HTTP. */
export async function serveRaw(answer: (socket: Socket) => void): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => answer(socket));
  });
  return listen(server, () => sockets.forEach((socket) => socket.destroy()));
}

async function listen(server: Server, closeConnections: () => void): Promise<LoopbackServer> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/execute`,
    async [Symbol.asyncDispose]() {
      server.close();
      closeConnections();
      await once(server, "close");
    },
  };
}

export const streamHead = { "content-type": "text/event-stream; charset=utf-8", connection: "close" };
export const rawHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
export const rawChunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** Passes a body on and tells when its first chunk is there. */
export async function* tap(body: AsyncIterable<Uint8Array>, onFirst: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    onFirst();
    yield chunk;
  }
}

/** The message of what a promise or a function throws, with ports and times replaced. */
export async function messageOf(action: Promise<unknown> | (() => unknown)): Promise<string> {
  const error = await errorOf(action);
  return error.message.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT").replaceAll(/elapsedMs: \d+/g, "elapsedMs: N");
}

export async function errorOf(action: Promise<unknown> | (() => unknown)): Promise<Error & Record<string, unknown>> {
  try {
    await (typeof action === "function" ? action() : action);
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error("Expected a failure, but nothing was thrown");
}
