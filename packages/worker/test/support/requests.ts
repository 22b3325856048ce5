import {
  encodeSseEvent,
  parseInferenceEvent,
  parseJson,
  stringifyJson,
  type InferenceEvent,
} from "inference-worker-protocol";
import { waitFor } from "./wait-for.js";
import type { WorkerProcess } from "./worker-process.js";

interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Posts JSON (or text that only claims to be JSON). */
export async function post(url: string, body: unknown, { headers, signal }: PostOptions = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : stringifyJson(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

let jobCount = 0;

/** A request with an id of its own. */
export function job(fields: Record<string, unknown> = {}): { job_id: string } & Record<string, unknown> {
  return { job_id: `job-${++jobCount}`, prompt: "Hello", max_tokens: 5, seed: 42, ...fields };
}

export async function execute(
  worker: WorkerProcess,
  fields: Record<string, unknown> = {},
  options?: PostOptions,
): Promise<Response> {
  return post(`${worker.url}/execute`, job(fields), options);
}

/** The events of a text that must hold whole frames only, byte for byte as the protocol encodes them. */
export function parseFrames(text: string): InferenceEvent[] {
  const frames = text.split(/(?<=\n\n)/);
  const events = frames.map((frame) => parseInferenceEvent(parseJson(/^data: ([^\n]*)\n/m.exec(frame)?.[1] ?? "null")));
  const encoded = events.map(encodeSseEvent).join("");
  if (encoded !== text) throw new Error(`Frames differ from their encoding:\n${text}\n---\n${encoded}`);
  return events;
}

/** Reads a stream to its end. */
export async function readEvents(response: Response): Promise<InferenceEvent[]> {
  return parseFrames(await response.text());
}

/** Types in order, without the optional metrics. */
export function typesOf(events: readonly InferenceEvent[]): string[] {
  return events.map(({ type }) => type).filter((type) => type !== "metrics");
}

/** Reads a stream while it runs. */
export class StreamReader {
  text = "";
  readonly ended: Promise<void>;

  constructor(response: Response) {
    this.ended = this.#read(response);
    this.ended.catch(() => undefined);
  }

  get events(): InferenceEvent[] {
    const whole = this.text.slice(0, this.text.lastIndexOf("\n\n") + 2);
    return whole === "" ? [] : parseFrames(whole);
  }

  async waitForTokens(count: number): Promise<void> {
    await waitFor(`${count} tokens`, () => this.text.split("event: token").length > count);
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      this.text += decoder.decode(chunk, { stream: true });
    }
  }
}

interface HealthAnswer {
  readonly status: string;
  readonly slots: { readonly total: number; readonly busy: number; readonly queued: number };
  readonly [field: string]: unknown;
}

export async function health(worker: WorkerProcess): Promise<HealthAnswer> {
  return (await fetch(`${worker.url}/health`)).json() as Promise<HealthAnswer>;
}

/** Waits until the worker has so many busy slots and queued jobs. */
export async function waitForSlots(worker: WorkerProcess, busy: number, queued = 0): Promise<void> {
  await waitFor(`${busy} busy slots, ${queued} queued`, async () => {
    const { slots } = await health(worker);
    return slots.busy === busy && slots.queued === queued;
  });
}
