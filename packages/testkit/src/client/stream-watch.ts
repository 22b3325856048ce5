import type { Dialect, ExecuteBody } from "../dialects/index.js";
import type { CollectedStream } from "../events/index.js";

/** A request that is about to be sent. */
export interface WatchedRequest {
  readonly method: string;
  readonly path: string;
  readonly dialect: Dialect;
  /** Whether the request runs a job, even if it was sent with `request()`. */
  readonly isJob: boolean;
  /** The `job_id` of an execute request, if it has one. */
  readonly jobId: string | undefined;
  /** The job, before the dialect encoded it; `undefined` for a request that was sent with `request()`. */
  readonly request: ExecuteBody | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

/**
 * Observes the response to one request and the reading of its body; all parts are optional. Must not throw. A body is wrapped only if
 * someone observes its bytes or its end.
 */
export interface StreamWatch {
  /** The request failed before a response arrived. */
  onFailed?(error: unknown): void;
  onHeaders?(status: number, headers: Readonly<Record<string, string>>): void;
  /** A chunk of the body, before its reader gets it. */
  onChunk?(chunk: Uint8Array): void;
  /** The body has ended or failed, or its reader has left. */
  onEnd?(how: BodyEnd): void;
  /** The caller cuts the connection at socket level: what its reader sees then is not the server's doing. */
  onCut?(): void;
  /** An event stream was read to its outcome. Called before or after {@link onEnd}, or not at all. */
  onCollected?(stream: CollectedStream): void;
}

/** How the reading of a body ended. */
export type BodyEnd =
  { readonly kind: "ended" } | { readonly kind: "left" } | { readonly kind: "broken"; readonly error: unknown };

/** Chooses the observer of one request; `undefined` for none. */
export type StreamWatcher = (request: WatchedRequest) => StreamWatch | undefined;

/** Combines several observers into one; `undefined` if there are none, and then nothing is wrapped. */
export function joinWatches(watches: readonly (StreamWatch | undefined)[]): StreamWatch | undefined {
  const present = watches.filter((watch) => watch !== undefined);
  if (present.length < 2) return present[0];
  const joined: StreamWatch = {
    onFailed: (error) => present.forEach((watch) => watch.onFailed?.(error)),
    onHeaders: (status, headers) => present.forEach((watch) => watch.onHeaders?.(status, headers)),
    onCut: () => present.forEach((watch) => watch.onCut?.()),
    onCollected: (stream) => present.forEach((watch) => watch.onCollected?.(stream)),
  };
  if (!present.some(watchesBody)) return joined;
  return {
    ...joined,
    onChunk: (chunk) => present.forEach((watch) => watch.onChunk?.(chunk)),
    onEnd: (how) => present.forEach((watch) => watch.onEnd?.(how)),
  };
}

/** Whether it observes the bytes of a body or its end. */
export function watchesBody(watch: StreamWatch): boolean {
  return watch.onChunk !== undefined || watch.onEnd !== undefined;
}

/** The same body, observed. */
export async function* watchBody(
  body: AsyncIterable<Uint8Array>,
  watch: StreamWatch,
): AsyncGenerator<Uint8Array, void> {
  let how: BodyEnd = { kind: "left" };
  try {
    for await (const chunk of body) {
      watch.onChunk?.(chunk);
      yield chunk;
    }
    how = { kind: "ended" };
  } catch (error) {
    how = { kind: "broken", error };
    throw error;
  } finally {
    watch.onEnd?.(how);
  }
}
