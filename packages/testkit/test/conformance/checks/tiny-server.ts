import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The request fields that matter here, as `POST /v1/completions` has them. */
export interface Fields {
  readonly prompt: string;
  readonly max_tokens: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly top_k?: number;
  readonly top_p?: number;
  readonly min_p?: number;
  readonly repetition_penalty?: number;
  readonly stop?: readonly string[];
  readonly stream?: boolean;
}

/** What one defect replaces. */
export interface Defect {
  /** Changes the fields before they are used: a field that is ignored, or the list cut. */
  readonly fields?: (fields: Fields) => Fields;
  /** Replaces the text. */
  readonly text?: (text: string, fields: Fields) => string;
  /** Replaces the answer to a body; `undefined` leaves it as it is. */
  readonly answer?: (body: string, request: IncomingMessage) => { status: number; body: string } | undefined;
  /** Replaces a chunk, or adds to it. */
  readonly chunk?: (chunk: string, index: number) => string;
}

const WORDS = "amber birch cedar delta ember fjord grove haven inlet jetty knoll lagoon meadow north ocean".split(" ");

/** A small correct server of completions, with one defect. */
export async function startTinyServer(defect: Defect = {}) {
  let count = 0;
  const server = createServer((request, response) => {
    void readBody(request).then((body) => answer({ request, response, body, defect, id: `id-${++count}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

interface Job {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
  readonly defect: Defect;
  readonly id: string;
}

function answer({ request, response, body, defect, id }: Job): void {
  const send = (status: number, text: string): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(text);
  };
  const refuse = (status: number, message: string): void =>
    send(status, JSON.stringify({ error: { message, type: "invalid_request_error", code: null } }));
  if (request.url === "/v1/models") {
    send(200, '{"object":"list","data":[{"id":"tiny","object":"model"}]}');
    return;
  }
  const special = defect.answer?.(body, request);
  if (special !== undefined) {
    send(special.status, special.body);
    return;
  }
  if (request.url !== "/v1/completions") {
    refuse(404, "not found");
    return;
  }
  if (request.method !== "POST") {
    refuse(405, "POST only");
    return;
  }
  const problem = findProblem(body);
  if (problem !== undefined) {
    refuse(400, problem);
    return;
  }
  const given = JSON.parse(body) as Fields;
  const { text, reason, tokenCount } = generate((defect.fields ?? ((fields) => fields))(given), defect);
  const pieces = text.match(/\s*\S+/g) ?? [];
  response.writeHead(200, { "content-type": "text/event-stream" });
  const base = { id, object: "text_completion", model: "tiny" };
  const chunks: object[] = pieces.map((piece) => ({
    ...base,
    choices: [{ index: 0, text: piece, finish_reason: null }],
  }));
  chunks.push({ ...base, choices: [{ index: 0, text: "", finish_reason: reason }] });
  if (body.includes('"include_usage":true')) {
    chunks.push({
      ...base,
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: tokenCount, total_tokens: 1 + tokenCount },
    });
  }
  for (const [index, chunk] of chunks.entries()) {
    const data = JSON.stringify(chunk);
    response.write(`data: ${defect.chunk?.(data, index) ?? data}\n\n`);
  }
  response.end("data: [DONE]\n\n");
}

function findProblem(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) return "the body must be an object";
    const { prompt, max_tokens: limit, temperature = 1, top_p: topP = 1 } = value as Record<string, unknown>;
    if (typeof prompt !== "string") return "prompt is required";
    if (typeof limit !== "number") return "max_tokens must be a number";
    if (typeof temperature !== "number" || temperature < 0 || temperature > 2) return "temperature is out of range";
    return typeof topP !== "number" || topP < 0 || topP > 1 ? "top_p is out of range" : undefined;
  } catch {
    return "the body is not JSON";
  }
}

function generate(fields: Fields, defect: Defect) {
  const { prompt, max_tokens: limit, temperature = 1, seed, top_k: k, top_p: p, min_p: m, stop = [] } = fields;
  const isGreedy = temperature === 0 || k === 1 || (p ?? 1) < 0.01 || m === 1;
  let state = isGreedy ? 7 : (seed ?? Math.floor(Math.random() * 1e6)) + 11;
  for (const character of `${prompt}${fields.repetition_penalty === 2 ? "!" : ""}`)
    state = step(state + (character.codePointAt(0) ?? 0));
  const words: string[] = [];
  for (let index = 0; index < limit; index += 1) {
    state = step(state + index);
    words.push(WORDS[state % WORDS.length] ?? "");
  }
  const whole = words.join(" ");
  const ends = stop.map((each) => whole.indexOf(each)).filter((at) => at >= 0);
  const text = ends.length === 0 ? whole : whole.slice(0, Math.min(...ends));
  return {
    text: defect.text?.(text, fields) ?? text,
    reason: ends.length === 0 ? "length" : "stop",
    tokenCount: limit,
  };
}

function step(state: number): number {
  return (Math.imul(state ^ (state >>> 13), 0x5bd1e995) ^ 0x9e3779b9) >>> 0;
}
