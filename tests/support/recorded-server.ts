import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { readTranscript, type Transcript } from "../../packages/testkit/test/dialects/transcripts.js";

/** A job that the server got. */
export interface ReceivedJob {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
  wasLeft: boolean;
}

/** What a server answers, recorded from a real one. */
export interface Recorded {
  readonly stream: Transcript;
  /** How a message with a token is known. */
  readonly token: RegExp;
  /** Answers to GET, by path. */
  readonly answers: Readonly<Record<string, string>>;
  readonly refusal: string;
}

/** The server, and what it has seen. */
export interface RecordedServer extends AsyncDisposable {
  readonly url: string;
  readonly jobs: readonly ReceivedJob[];
  readonly asked: readonly string[];
}

const PACE_MS = 5;

/**
 * Sends a recorded stream, message by message. A job whose body contains `slow` gets the second token again and again, one with `refuse`
 * a 429, one with `cut` half of the stream, one with `"stream":false` a 500.
 */
export async function startRecordedServer(recorded: Recorded): Promise<RecordedServer> {
  const jobs: ReceivedJob[] = [];
  const asked: string[] = [];
  let running = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    if (request.method === "POST" && path === recorded.stream.path) {
      running += 1;
      void serveJob(request, response, { recorded, jobs }).finally(() => (running -= 1));
      return;
    }
    asked.push(path);
    const answer = recorded.answers[path]?.replaceAll("{running}", String(running));
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(answer ?? "404 page not found");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    jobs,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Serving {
  readonly recorded: Recorded;
  readonly jobs: ReceivedJob[];
}

async function serveJob(
  request: IncomingMessage,
  response: ServerResponse,
  { recorded, jobs }: Serving,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const job: ReceivedJob = {
    path: request.url ?? "",
    headers: request.headers,
    body: JSON.parse(text) as ReceivedJob["body"],
    wasLeft: false,
  };
  jobs.push(job);
  response.on("close", () => (job.wasLeft = !response.writableFinished));
  if (text.includes("refuse")) {
    response.writeHead(429, { "content-type": "application/json", "retry-after": "1" }).end(recorded.refusal);
    return;
  }
  response.writeHead(200, { "content-type": recorded.stream.headers["content-type"] ?? "" });
  for (const message of choose(recorded, text)) {
    if (response.destroyed) return;
    response.write(message);
    await delay(text.includes("slow") ? PACE_MS : 0);
  }
  response.end();
}

function choose({ stream, token }: Recorded, body: string): readonly string[] {
  const messages = cut(stream);
  const first = messages.findIndex((message) => token.test(message));
  if (body.includes("cut")) return messages.slice(0, first + 1);
  if (!body.includes("slow")) return messages;
  const again = Array.from({ length: 2_000 }, () => messages[first + 1] ?? "");
  return [...messages.slice(0, first + 1), ...again];
}

function cut({ content, headers }: Transcript): string[] {
  const isLines = headers["content-type"]?.includes("ndjson") === true;
  const separator = isLines ? "\n" : "\n\n";
  const parts = content.toString().split(separator);
  return parts.filter((part) => part !== "").map((part) => part + separator);
}

/** The JSON of a recorded answer. */
export function recordedText(server: string, name: string): string {
  return readTranscript(server, name).content.toString();
}
