import type { Dispatcher } from "undici";
import { findTestTimeout } from "../deadline/index.js";
import { InvalidResponseError, StreamError, type TestkitError } from "../errors/index.js";
import { LONGEST_TIMER_MS } from "./header-limit.js";
import type { BodyEnd, StreamWatch } from "./stream-watch.js";

/** Maximum size of a body that is read as a whole, unless the caller sets another limit. */
export const MOST_BODY_BYTES = 1024 * 1024;
/** How much of the body of a refusal is kept: enough for the reason. */
export const MOST_REFUSAL_BYTES = 16 * 1024;

const FIRST_CAPACITY_BYTES = 4096;
const TOO_LARGE_HINT =
  "Is this the address of a worker? If such a body is expected, call `request()` and read the response with a larger " +
  "`text({ maxBytes })`, or piece by piece from `response.body`.";

/** How a body is read as a whole. */
export interface BodyReading {
  readonly url: string;
  /** Time-out for the whole body, in ms. */
  readonly bodyMs: number;
  readonly maxBytes: number;
  /** Observes the body, as one slice. */
  readonly watch?: StreamWatch | undefined;
  /** Fires shortly before the limit of the test passes. */
  readonly deadline?: AbortSignal | undefined;
  readonly logTail?: (() => readonly string[]) | undefined;
  readonly sentAtMs: number;
}

/** The start of a body. */
export interface BodyStart {
  readonly text: string;
  /** Whether there was more or the end did not arrive. */
  readonly isCut: boolean;
}

/** The parts of a response that are needed here. */
interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Dispatcher.ResponseData["body"];
}

/**
 * Reads a whole body as text, within limits: an endless response must not block a test, and a flood must not fill its memory.
 *
 * @throws {INVALID_RESPONSE} larger than `maxBytes`, not complete within `bodyMs`, or cut off. @throws {STREAM_ABORTED}
 */
export async function readText(answer: Answer, reading: BodyReading): Promise<string> {
  const { text, end } = await readBody(answer, reading);
  if (end.kind === "ended") return text;
  if (end.kind === "left") throw createTooLarge(answer, reading);
  throw createBroken(end.error, reading);
}

/**
 * Reads the start of a body as text, and cuts the connection if there is more. If the body is cut off, returns what arrived.
 *
 * @throws {STREAM_ABORTED}
 */
export async function readStart(answer: Answer, reading: BodyReading): Promise<BodyStart> {
  const { text, end } = await readBody(answer, reading);
  if (end.kind === "broken" && isAbort(end.error)) throw createBroken(end.error, reading);
  return { text, isCut: end.kind !== "ended" };
}

/** The end is `left` if the body is larger than `maxBytes`. */
async function readBody({ body }: Answer, { bodyMs, maxBytes, watch }: BodyReading) {
  const late = new Error(`the body was not complete within ${bodyMs} ms`);
  const timer =
    bodyMs === Infinity ? undefined : setTimeout(() => body.destroy(late), Math.min(bodyMs, LONGEST_TIMER_MS));
  const bytes = new GrowingBuffer();
  let end: BodyEnd = { kind: "ended" };
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      const room = maxBytes - bytes.length;
      bytes.append(chunk.byteLength <= room ? chunk : chunk.subarray(0, room));
      if (chunk.byteLength <= room) continue;
      end = { kind: "left" };
      break; // destroys the body
    }
  } catch (error) {
    end = { kind: "broken", error };
  } finally {
    clearTimeout(timer);
  }
  if (bytes.length > 0) watch?.onChunk?.(bytes.view());
  watch?.onEnd?.(end);
  return { text: new TextDecoder().decode(bytes.view()), end };
}

/** Keeping each chunk of a few bytes separately would take a hundred times its size. */
class GrowingBuffer {
  #bytes = Buffer.allocUnsafe(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.byteLength;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length, FIRST_CAPACITY_BYTES));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

function createTooLarge({ headers }: Answer, { url, maxBytes }: BodyReading): InvalidResponseError {
  const declared = headers["content-length"];
  const size = declared === undefined ? "" : `: its content-length is ${declared}`;
  return new InvalidResponseError({
    message: `the body of ${url} is larger than ${maxBytes} bytes${size}`,
    hint: TOO_LARGE_HINT,
    details: { url, maxBytes, contentLength: declared },
  });
}

function createBroken(cause: unknown, { url, deadline, logTail, sentAtMs }: BodyReading): TestkitError {
  const wait = { waitingFor: `the end of the answer of ${url}`, sinceMs: sentAtMs };
  const timeout = findTestTimeout(deadline, { ...wait, logTail: logTail?.() });
  if (timeout !== undefined) return timeout;
  if (isAbort(cause)) {
    return new StreamError("STREAM_ABORTED", { message: `reading the answer of ${url} was aborted`, cause });
  }
  const message = `the answer of ${url} could not be read: ${describe(cause)}`;
  return new InvalidResponseError({ message, cause });
}

function isAbort(error: unknown): boolean {
  return (error as { name?: string } | undefined)?.name === "AbortError";
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
