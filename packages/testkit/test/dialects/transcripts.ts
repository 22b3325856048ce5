import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One recorded exchange with a real server. */
export interface Transcript {
  readonly server: string;
  readonly case: string;
  readonly method: string;
  readonly path: string;
  /** Of the request; an overlong prompt is cut. */
  readonly body: unknown;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body of the answer, without the framing of HTTP. */
  readonly content: Buffer;
  /** Whether HTTP says that the body is whole: its last chunk, or its length. */
  readonly isWhole: boolean;
}

interface Line extends Omit<Transcript, "server" | "headers" | "content" | "isWhole"> {
  readonly reads: readonly [number, string | { readonly base64: string }][];
}

const FOLDER = join(import.meta.dirname, "transcripts");

export const SERVERS = [
  "llama-server",
  "vllm",
  "ollama",
  "llm-d-sim",
  "aimock",
  "mock-llm",
  "openai-mock-api",
] as const;

/** What a server answered, by case. */
export function readTranscripts(server: string): readonly Transcript[] {
  const lines = readFileSync(join(FOLDER, `${server}.ndjson`), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => parse(server, JSON.parse(line) as Line));
}

/** One of them. */
export function readTranscript(server: string, name: string): Transcript {
  const found = readTranscripts(server).find((each) => each.case === name);
  if (found === undefined) throw new Error(`${server} has no transcript ${name}`);
  return found;
}

function parse(server: string, { reads, ...facts }: Line): Transcript {
  const raw = Buffer.concat(reads.map(([, slice]) => toBytes(slice)));
  const headEnd = raw.indexOf("\r\n\r\n");
  const [, ...fields] = raw.subarray(0, headEnd).toString("latin1").split("\r\n");
  const headers = Object.fromEntries(
    fields.map((field) => [field.split(":", 1)[0]?.toLowerCase() ?? "", field.slice(field.indexOf(":") + 1).trim()]),
  );
  const rest = raw.subarray(headEnd + 4);
  const body =
    headers["transfer-encoding"] === "chunked"
      ? dechunk(rest)
      : { content: rest, isWhole: rest.length === Number(headers["content-length"] ?? rest.length) };
  return { server, ...facts, headers, ...body };
}

function toBytes(slice: string | { readonly base64: string }): Buffer {
  return typeof slice === "string" ? Buffer.from(slice) : Buffer.from(slice.base64, "base64");
}

function dechunk(rest: Buffer): Pick<Transcript, "content" | "isWhole"> {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf("\r\n", at);
    if (lineEnd === -1) return { content: Buffer.concat(chunks), isWhole: false };
    const size = Number.parseInt(rest.subarray(at, lineEnd).toString("latin1"), 16);
    if (size === 0) return { content: Buffer.concat(chunks), isWhole: true };
    chunks.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
