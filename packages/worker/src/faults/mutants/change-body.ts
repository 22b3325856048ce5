import { Readable } from "node:stream";
import type { IncomingMessage, ServerResponse } from "node:http";

/** A JSON object or list, as far as it is known. */
export type Json = Readonly<Record<string, unknown>>;

/** The path of a request, without its query. */
export function findPath({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "/";
}

/** Reads a body that is a JSON object; `undefined` for any other one. The request has been read then: see {@link withBody}. */
export async function readBody(
  request: IncomingMessage,
): Promise<{ readonly bytes: Buffer; readonly json: Json | undefined }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return { bytes, json: parse(bytes) };
}

/** The same request with another body, for the routes. */
export function withBody(request: IncomingMessage, body: Buffer | string): IncomingMessage {
  const { method, url, headers, socket } = request;
  const length = String(Buffer.byteLength(body));
  const changed = { method, url, socket, complete: true, headers: { ...headers, "content-length": length } };
  return Object.assign(Readable.from([Buffer.from(body)]), changed) as unknown as IncomingMessage;
}

/** Changes the JSON of an answer that is sent in one piece; a stream passes unchanged. */
export function changeAnswer(response: ServerResponse, change: (answer: Json) => Json): void {
  const writeHead = response.writeHead.bind(response);
  const end = response.end.bind(response);
  let head: { readonly status: number; readonly headers: Record<string, unknown> } | undefined;
  response.writeHead = ((status: number, headers: Record<string, unknown> = {}) => {
    if (headers["content-length"] === undefined) return writeHead(status, headers as never);
    head = { status, headers };
    return response;
  }) as typeof response.writeHead;
  response.end = ((body?: string, ...others: never[]) => {
    if (head === undefined) return Reflect.apply(end, undefined, [body, ...others]) as ServerResponse;
    const json = parse(Buffer.from(body ?? ""));
    const text = json === undefined ? (body ?? "") : JSON.stringify(change(json));
    const headers = { ...head.headers, "content-length": Buffer.byteLength(text) };
    writeHead(head.status, headers as never);
    return end(text, "utf8");
  }) as typeof response.end;
}

/** Changes the messages of a stream, each with its number from 0. */
export function changeMessages(response: ServerResponse, change: (message: string, index: number) => string): void {
  const write = response.write.bind(response);
  let index = 0;
  response.write = ((message: string, ...others: never[]) => {
    return Reflect.apply(write, undefined, [change(message, index++), ...others]) as boolean;
  }) as typeof response.write;
}

/** Whether an object, or one in it, has such a value. */
export function hasValue(value: unknown, test: (key: string, value: unknown) => boolean): boolean {
  let isFound = false;
  mapValues(value, (key, each) => {
    isFound ||= test(key, each);
    return each;
  });
  return isFound;
}

/** Applies a function to every value of an object and of the objects in it. `undefined` drops one. */
export function mapValues(value: unknown, change: (key: string, value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => mapValues(each, change));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, mapValues(change(key, each), change)] as const);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

function parse(bytes: Buffer): Json | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}
