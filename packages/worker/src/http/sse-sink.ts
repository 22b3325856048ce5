import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { encodeSseEvent, EVENT_STREAM_CONTENT_TYPE, type InferenceEvent } from "inference-worker-protocol";
import type { Frame, FrameSink } from "../jobs/index.js";
import type { JobRecord } from "../telemetry/index.js";

/** Bytes buffered for a slow client before its job has to wait too; bounds the memory of a stream. */
const MAX_BUFFERED_BYTES = 64 * 1024;

/**
 * Writes the events of one job to its response, each immediately, and ends the response after the terminal one.
 */
export class SseSink implements FrameSink {
  readonly #response: ServerResponse;
  readonly #record: JobRecord | undefined;

  /** @param record records what is actually sent. */
  constructor(response: ServerResponse, record?: JobRecord) {
    this.#response = response;
    this.#record = record;
    response.writeHead(200, { "content-type": EVENT_STREAM_CONTENT_TYPE, "cache-control": "no-cache" });
    response.flushHeaders();
    if (record === undefined) return;
    record.note("headers");
    response.once("close", () => record.note("close"));
  }

  send(event: InferenceEvent): Promise<void> | undefined {
    const last = event.type === "end" || event.type === "error";
    const index = event.type === "token" ? event.i : undefined;
    return this.sendFrame({ text: encodeSseEvent(event), event: event.type, index, last });
  }

  sendFrame({ text, event, index, last }: Frame): Promise<void> | undefined {
    if (this.#response.destroyed) return undefined;
    this.#record?.write(text, event, index);
    if (last) {
      this.#record?.note("end");
      this.#response.end(text);
      return undefined;
    }
    this.#response.write(text);
    return this.#response.writableLength > MAX_BUFFERED_BYTES ? this.#drained() : undefined;
  }

  async #drained(): Promise<void> {
    this.#record?.note("blocked");
    const done = new AbortController();
    const { signal } = done;
    await Promise.race([once(this.#response, "drain", { signal }), once(this.#response, "close", { signal })]);
    done.abort();
    if (!this.#response.destroyed) this.#record?.note("drain");
  }
}
