import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { WORKER_ERRORS, type ErrorEvent, type InferenceEvent, type WorkerErrorCode } from "inference-worker-protocol";
import type { AnswerEncoder, EventExtra, Frame, FrameChange, FrameSink } from "../jobs/index.js";
import type { JobRecord } from "../telemetry/index.js";
import { RETRY_AFTER_SECONDS } from "./answers.js";

/** Bytes buffered for a slow client before its job has to wait too; bounds the memory of a stream. */
const MAX_BUFFERED_BYTES = 64 * 1024;

/** Writes the events of one job to its response, and ends the response after the terminal one. */
export class ResponseSink implements FrameSink {
  readonly #response: ServerResponse;
  readonly #encoder: AnswerEncoder;
  readonly #record: JobRecord | undefined;
  /** Changes to a body that is not written yet. */
  readonly #changes: FrameChange[] = [];

  /** @param record receives what is actually sent. */
  constructor(response: ServerResponse, encoder: AnswerEncoder, record?: JobRecord) {
    this.#response = response;
    this.#encoder = encoder;
    this.#record = record;
    if (encoder.form.framing !== "json") this.#openStream();
    if (record !== undefined) response.once("close", () => record.note("close"));
  }

  get form() {
    return this.#encoder.form;
  }

  send(event: InferenceEvent, extra?: EventExtra): Promise<void> | undefined {
    return this.sendFrame({ event, extra, last: event.type === "end" || event.type === "error" });
  }

  sendFrame({ event, extra, change, last }: Frame): Promise<void> | undefined {
    const text = this.#encoder.encode(event, extra);
    if (this.form.framing === "json") {
      if (change !== undefined) this.#changes.push(change);
      if (last) this.#sendBody(event, text);
      return undefined;
    }
    return this.#write(change === undefined ? text : change(text, this.form), event, last);
  }

  #openStream(): void {
    this.#response.writeHead(200, { "content-type": this.#encoder.contentType, "cache-control": "no-cache" });
    this.#response.flushHeaders();
    this.#record?.note("headers");
  }

  /** One body: its HTTP status shows how the job ended. */
  #sendBody(event: InferenceEvent, whole: string): void {
    const text = this.#changes.reduce((body, change) => change(body, this.form), whole);
    const status = event.type === "error" ? this.#statusOf(event) : 200;
    if (this.#response.destroyed) return;
    if (event.type === "error" && event.retriable) this.#response.setHeader("retry-after", RETRY_AFTER_SECONDS);
    const length = Buffer.byteLength(text);
    this.#response.writeHead(status, { "content-type": this.#encoder.contentType, "content-length": length });
    this.#record?.note("headers");
    void this.#write(text, event, true);
  }

  #statusOf(error: ErrorEvent): number {
    return this.#encoder.statusOf?.(error) ?? WORKER_ERRORS[error.code as WorkerErrorCode].status;
  }

  #write(text: string, event: InferenceEvent, last: boolean): Promise<void> | undefined {
    if (this.#response.destroyed || (text === "" && !last)) return undefined;
    this.#record?.write(text, event.type, event.type === "token" ? event.i : undefined);
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
