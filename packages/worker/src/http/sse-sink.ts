import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { encodeSseEvent, EVENT_STREAM_CONTENT_TYPE, type InferenceEvent } from "inference-worker-protocol";
import type { EventSink } from "../jobs/index.js";

/** Bytes that may wait for a slow client before its job has to wait as well; bounds the memory of a stream. */
const MAX_BUFFERED_BYTES = 64 * 1024;

/** Writes the events of one job to its response, each at once, and ends the response after the terminal one. */
export class SseSink implements EventSink {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { "content-type": EVENT_STREAM_CONTENT_TYPE, "cache-control": "no-cache" });
    response.flushHeaders();
  }

  send(event: InferenceEvent): Promise<void> | undefined {
    if (this.#response.destroyed) return undefined;
    if (event.type === "end" || event.type === "error") {
      this.#response.end(encodeSseEvent(event));
      return undefined;
    }
    this.#response.write(encodeSseEvent(event));
    return this.#response.writableLength > MAX_BUFFERED_BYTES ? this.#drained() : undefined;
  }

  async #drained(): Promise<void> {
    const done = new AbortController();
    const { signal } = done;
    await Promise.race([once(this.#response, "drain", { signal }), once(this.#response, "close", { signal })]);
    done.abort();
  }
}
