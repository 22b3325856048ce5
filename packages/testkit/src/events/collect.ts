import type { InferenceEvent } from "../dialects/index.js";
import { EventReader } from "./event-reader.js";
import { resolveStreamOptions, type ResolvedStreamOptions, type StreamOptions } from "./timeouts.js";
import type { CollectedStream, StreamFault } from "./outcome.js";
import { validateResponse } from "./response-check.js";
import { BrokenStreamError } from "./stream-error.js";
import { findOwnTimeouts, openSource, type OpenedSource, type StreamSource } from "./stream-source.js";

/**
 * Reads a stream to its end and returns everything about it. A broken stream does not throw; see `outcome`.
 *
 * @throws {INVALID_OPTION} an invalid option, or a source that cannot be read.
 * @throws {HTTP_FAILED} a response with a status other than 200.
 * @throws {INVALID_RESPONSE} a response that is not an event stream.
 * @example const { events, arrivals, outcome } = await collectStream(await worker.execute(request));
 */
export async function collectStream(source: StreamSource, options: StreamOptions = {}): Promise<CollectedStream> {
  const { reader } = await readToEnd(source, options);
  return reader.result();
}

/**
 * Like {@link collectStream}, and calls `onEvents` after each chunk that completed events, with all events so far in one growing
 * array. If `onEvents` throws, reading ends.
 *
 * @throws as {@link collectStream}.
 */
export async function watchStream(
  source: StreamSource,
  options: StreamOptions,
  onEvents: (events: readonly InferenceEvent[]) => void,
): Promise<CollectedStream> {
  const { reader } = await readToEnd(source, options, onEvents);
  return reader.result();
}

/**
 * Reads a stream to its end and returns its events; the last one is `end` or `error`. Does not check their order: see
 * `assertEventOrder`.
 *
 * @throws {STREAM_TRUNCATED} no terminal event arrived.
 * @throws {STREAM_TRANSPORT} the connection broke.
 * @throws {STREAM_ABORTED} `signal` fired.
 * @throws {INVALID_EVENT} a message is not an event.
 * @throws {LIMIT_FIRST_TOKEN} or another LIMIT code: one of the {@link StreamTimeouts} was exceeded. Each of these errors is a
 * {@link BrokenStreamError}, whose `partial` has everything received.
 * @throws {INVALID_OPTION} {HTTP_FAILED} {INVALID_RESPONSE} as {@link collectStream}.
 * @example const events = await collectSseEvents(await worker.execute(request), { firstTokenMs: 60_000 });
 */
export async function collectSseEvents(source: StreamSource, options: StreamOptions = {}): Promise<InferenceEvent[]> {
  const { reader, opened } = await readToEnd(source, options);
  await validateEnd(reader, opened);
  return reader.events;
}

/**
 * Yields events as they arrive. A slow consumer exerts back-pressure; leaving the loop closes the connection.
 * Options are checked by the call; the source is opened on the first iteration.
 *
 * @throws as {@link collectSseEvents}, after the last event has been yielded.
 * @example for await (const event of streamEvents(await worker.execute(request))) if (event.type === "token") break;
 */
export function streamEvents(source: StreamSource, options: StreamOptions = {}): AsyncGenerator<InferenceEvent, void> {
  return iterate(source, resolveStreamOptions({ ...findOwnTimeouts(source), ...definedOnly(options) }));
}

async function* iterate(source: StreamSource, options: ResolvedStreamOptions): AsyncGenerator<InferenceEvent, void> {
  const opened = await open(source, options);
  const reader = new EventReader(opened, options);
  try {
    let next = 0;
    let more = true;
    while (more) {
      more = await reader.read();
      for (; next < reader.events.length; next += 1) yield reader.events[next] as InferenceEvent;
    }
  } finally {
    reader.cancel("the consumer left the loop");
  }
  await validateEnd(reader, opened);
}

async function readToEnd(
  source: StreamSource,
  options: StreamOptions,
  onEvents?: (events: readonly InferenceEvent[]) => void,
) {
  const resolved = resolveStreamOptions({ ...findOwnTimeouts(source), ...definedOnly(options) });
  const opened = await open(source, resolved);
  const reader = new EventReader(opened, resolved);
  try {
    let seen = 0;
    for (let more = true; more;) {
      more = await reader.read();
      if (reader.events.length === seen) continue;
      seen = reader.events.length;
      onEvents?.(reader.events);
    }
  } finally {
    reader.cancel("the observer failed"); // has no effect once the outcome is known
  }
  return { reader, opened };
}

async function open(source: StreamSource, { dialect }: ResolvedStreamOptions): Promise<OpenedSource> {
  const opened = openSource(source, dialect);
  await validateResponse(opened);
  return opened;
}

async function validateEnd(reader: EventReader, opened: OpenedSource): Promise<void> {
  const { outcome } = reader;
  if (outcome.status === "complete" || outcome.status === "worker-error") return;
  const exit = isCut(outcome) ? await opened.findExit?.() : undefined;
  throw new BrokenStreamError(reader.result(), outcome, { source: opened, exit });
}

/** Whether the end of the process may be the cause. */
function isCut(fault: StreamFault): boolean {
  return fault.status === "transport-error" || (fault.status === "truncated" && fault.endedBy === "close");
}

/** An option that is `undefined` must not override the source's own. */
function definedOnly(options: StreamOptions): StreamOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
