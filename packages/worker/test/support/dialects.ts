import { post } from "./requests.js";
import type { WorkerProcess } from "./worker-process.js";

export type Json = Readonly<Record<string, unknown>>;

/** Posts a body to a route of a worker. */
export async function ask(worker: WorkerProcess, path: string, body: unknown): Promise<Response> {
  return post(worker.url + path, body);
}

/** Posts a body and returns the status and the decoded answer. */
export async function askJson(
  worker: WorkerProcess,
  path: string,
  body: unknown,
): Promise<{ status: number; body: Json }> {
  const response = await ask(worker, path, body);
  return { status: response.status, body: (await response.json()) as Json };
}

/** The data of each SSE frame; `[DONE]` stays text. Fails for anything that is not whole frames. */
export function readData(text: string): unknown[] {
  return text
    .split(/(?<=\n\n)/)
    .filter((frame) => frame !== "")
    .map((frame) => {
      const data = /^(?:event: [^\n]+\n)?data: ([^\n]*)\n\n$/.exec(frame)?.[1];
      if (data === undefined) throw new Error(`Not a frame: ${JSON.stringify(frame)}`);
      return data === "[DONE]" ? data : (JSON.parse(data) as unknown);
    });
}

/** The frames that have a name, which must be the type of their data. */
export function readNamed(text: string): Json[] {
  return text
    .split(/(?<=\n\n)/)
    .filter((frame) => frame !== "")
    .map((frame) => {
      const [, name, data = ""] = /^event: ([^\n]+)\ndata: ([^\n]*)\n\n$/.exec(frame) ?? [];
      const value = JSON.parse(data) as Json;
      if (name !== value["type"]) throw new Error(`Frame ${String(name)} has the data ${data}`);
      return value;
    });
}

export function readLines(text: string): Json[] {
  if (!text.endsWith("\n")) throw new Error(`The last line is not whole: ${text}`);
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as Json);
}

/** A route that runs jobs, how to ask it for something, and how to read its answer. */
export interface Route {
  readonly path: string;
  /** A body with this text and limit. */
  readonly body: (text: string, limit: number, stream: boolean) => Json;
  /** The text of a whole stream, without reasoning. */
  readonly streamText: (text: string) => string;
  /** The text of one body. */
  readonly bodyText: (body: unknown) => string;
  /** The marker with which a stream ends well. */
  readonly isComplete: (text: string) => boolean;
}

const messages = (content: string) => [{ role: "user", content }];
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- answers of five APIs, read by their paths */
const joinData = (pick: (data: any) => unknown) => (text: string) =>
  readData(text)
    .map((data) => (pick(data) as string | undefined) ?? "")
    .join("");
const joinLines = (pick: (data: any) => unknown) => (text: string) =>
  readLines(text)
    .map((data) => (pick(data) as string | undefined) ?? "")
    .join("");

/** Every route of another server's dialect that runs jobs. */
export const ROUTES: Readonly<Record<string, Route>> = {
  "openai-chat": {
    path: "/v1/chat/completions",
    body: (text, max_tokens, stream) => ({ model: "stub", messages: messages(text), max_tokens, stream }),
    streamText: joinData((data) => data.choices?.[0]?.delta.content),
    bodyText: (body: any) => body.choices[0].message.content,
    isComplete: (text) => text.endsWith("data: [DONE]\n\n"),
  },
  "openai-completions": {
    path: "/v1/completions",
    body: (prompt, max_tokens, stream) => ({ model: "stub", prompt, max_tokens, stream }),
    streamText: joinData((data) => data.choices?.[0]?.text),
    bodyText: (body: any) => body.choices[0].text,
    isComplete: (text) => text.endsWith("data: [DONE]\n\n"),
  },
  "openai-responses": {
    path: "/v1/responses",
    body: (input, max_output_tokens, stream) => ({ model: "stub", input, max_output_tokens, stream }),
    streamText: joinData((data) => (data.type === "response.output_text.delta" ? data.delta : "")),
    bodyText: (body: any) => body.output.find(({ type }: any) => type === "message").content[0].text,
    isComplete: (text) => /event: response\.(completed|incomplete)\n.*\n\n$/.test(text),
  },
  anthropic: {
    path: "/v1/messages",
    body: (text, max_tokens, stream) => ({ model: "stub", messages: messages(text), max_tokens, stream }),
    streamText: joinData((data) => data.delta?.text),
    bodyText: (body: any) => body.content.find(({ type }: any) => type === "text").text,
    isComplete: (text) => text.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\n'),
  },
  "ollama-chat": {
    path: "/api/chat",
    body: (text, num_predict, stream) => ({
      model: "stub",
      messages: messages(text),
      options: { num_predict },
      stream,
    }),
    streamText: joinLines((data) => data.message?.content),
    bodyText: (body: any) => body.message.content,
    isComplete: (text) => readLines(text).at(-1)?.["done"] === true,
  },
  "ollama-generate": {
    path: "/api/generate",
    body: (prompt, num_predict, stream) => ({ model: "stub", prompt, options: { num_predict }, stream }),
    streamText: joinLines((data) => data.response),
    bodyText: (body: any) => body.response,
    isComplete: (text) => readLines(text).at(-1)?.["done"] === true,
  },
};
/* eslint-enable */

export const ROUTE_NAMES = Object.keys(ROUTES);
