import type { Dialect, InferenceEvent } from "../../src/dialects/index.js";
import { findDialect } from "../../src/dialects/index.js";
import { collectStream, createMessageDecoder, DEFAULT_STREAM_TIMEOUTS } from "../../src/events/index.js";
import type { CollectedStream } from "../../src/events/index.js";
import { readTranscripts, SERVERS, type Transcript } from "./transcripts.js";

const DIALECTS: Readonly<Record<string, string>> = {
  "/v1/completions": "openai-completions",
  "/v1/chat/completions": "openai-chat",
  "/v1/responses": "openai-responses",
  "/v1/messages": "anthropic",
  "/completion": "llama-cpp",
  "/api/generate": "ollama",
  "/api/chat": "ollama",
};

/** A dialect by its name. */
export function dialectOf(name: string): Dialect {
  const dialect = findDialect(name);
  if (dialect === undefined) throw new Error(`no dialect ${name}`);
  return dialect;
}

/** A recorded job, and what its server speaks. */
export interface RecordedJob {
  readonly transcript: Transcript;
  readonly dialect: Dialect;
}

/** Every recorded job of every server. */
export const JOBS: readonly RecordedJob[] = SERVERS.flatMap((server) => {
  const jobs = readTranscripts(server).filter(({ method, path }) => method === "POST" && path in DIALECTS);
  return jobs.map((transcript) => ({ transcript, dialect: dialectOf(DIALECTS[transcript.path] ?? "") }));
});

/** Those that were answered with a stream. */
export const STREAMS = JOBS.filter(({ transcript: { status, headers } }) => {
  return status === 200 && !/^application\/json/.test(headers["content-type"] ?? "");
});

/** One of them. */
export function jobOf(server: string, name: string): RecordedJob {
  const job = JOBS.find(({ transcript }) => transcript.server === server && transcript.case === name);
  if (job === undefined) throw new Error(`no job ${server}/${name}`);
  return job;
}

async function* from(...slices: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield* slices;
}

/** Reads the body of a stream as the framework does. */
export function collect(dialect: Dialect | string, content: string | Uint8Array): Promise<CollectedStream> {
  const resolved = typeof dialect === "string" ? dialectOf(dialect) : dialect;
  return collectStream(from(typeof content === "string" ? Buffer.from(content) : content), { dialect: resolved });
}

/** Reads a recorded stream. */
export function collectCase(server: string, name: string): Promise<CollectedStream> {
  const { dialect, transcript } = jobOf(server, name);
  return collect(dialect, transcript.content);
}

/** Messages as Server-Sent Events. */
export function frames(...messages: readonly (object | string)[]): string {
  const texts = messages.map((message) => (typeof message === "string" ? message : JSON.stringify(message)));
  return texts.map((text) => `data: ${text}\n\n`).join("");
}

/** A chunk of an OpenAI chat. */
export function delta(fields: object, finish: string | null = null): object {
  return { choices: [{ index: 0, delta: fields, finish_reason: finish }] };
}

/** Its end. */
export const STOP = delta({}, "stop");

/** What a stream in slices contains, without the reader of the framework: fast enough for thousands of slicings. */
export function decode(
  dialect: Dialect,
  slices: readonly Uint8Array[],
): { events: InferenceEvent[]; problem: unknown } {
  const decoder = dialect.createDecoder({ jobId: undefined, request: undefined });
  const events = [...(decoder.begin?.() ?? [])];
  let problem: unknown;
  const messages = createMessageDecoder(
    dialect.capabilities.framing,
    {
      onMessage: (message) => {
        if (problem !== undefined) return;
        try {
          events.push(...decoder.push(message));
        } catch (error) {
          problem = (error as Error).message;
        }
      },
      onComment: () => undefined,
      onRetry: () => undefined,
      onIgnoredLine: (line) => (problem = line),
      onOverflow: (limit) => (problem = limit),
    },
    DEFAULT_STREAM_TIMEOUTS,
  );
  for (const slice of slices) messages.feed(slice);
  messages.end();
  const rest = decoder.end?.() ?? [];
  return { events, problem: problem ?? ("problem" in rest ? rest.problem : undefined) };
}

/** The ends of all messages of a stream. */
export function findMessageEnds({ content, headers }: Transcript): number[] {
  const text = content.toString("latin1");
  const separator = (headers["content-type"] ?? "").includes("ndjson") ? "\n" : "\n\n";
  const ends: number[] = [];
  for (let at = text.indexOf(separator); at !== -1; at = text.indexOf(separator, at + separator.length)) {
    ends.push(at + separator.length);
  }
  return ends;
}
