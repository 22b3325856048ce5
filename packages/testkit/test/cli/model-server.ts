import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { TestModel } from "../../src/models/index.js";

/** How a model server misbehaves, or does without something. */
export interface ModelServerOptions {
  /** HEAD answers with this status, as servers do that do not know it. */
  readonly headStatus?: number;
  /** GET answers with this status. */
  readonly getStatus?: number;
  /** Does not offer ranges. */
  readonly withoutRanges?: boolean;
  /** Does not say how long the body is. */
  readonly withoutLength?: boolean;
  /** Redirects, and names this SHA-256 as Hugging Face does. */
  readonly linkedSha256?: string;
  /** Cuts so many connections in the middle of a body. */
  readonly cutCount?: number;
  /** Sends this much of a body, and then nothing more. */
  readonly holdsAfterBytes?: number;
  /** Names the version of the file; `undefined` for a server that has no such thing. */
  readonly etag?: string | undefined;
  /** Announces a size and ignores ranges as soon as a body is asked for. */
  readonly forgetsRanges?: boolean;
  /** Sends this many bytes after the end of a body, whose length it does not announce. */
  readonly surplusBytes?: number;
  /** Called when a body is asked for, before it is sent. */
  readonly onBody?: () => void;
}

/** A file server on loopback. */
export interface ModelServer {
  readonly url: string;
  /** Method and range of every request. */
  readonly requests: readonly string[];
  readonly stop: () => Promise<void>;
}

/** The range of the question whether the file is there. */
export const FIRST_BYTE = "bytes=0-0";

/** The version of the file, unless a test names another one. */
const ETAG = '"version-1"';

/** Serves bytes under any path; stopped when the test is over. */
export async function startModelServer(bytes: Buffer, options: ModelServerOptions = {}): Promise<ModelServer> {
  const requests: string[] = [];
  let cutsLeft = options.cutCount ?? 0;
  const server = createServer((request, response) => {
    const range = request.headers.range;
    requests.push(`${request.method} ${range ?? "all"}`);
    if (isRedirected(request, response, options)) return;
    if (asksForBody(request)) options.onBody?.();
    const isCut = range !== undefined && range !== FIRST_BYTE && cutsLeft > 0 && cutsLeft-- > 0;
    answer(request, response, { bytes, isCut, ...options });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`, requests, stop };
}

function isRedirected(
  request: IncomingMessage,
  response: ServerResponse,
  { linkedSha256 }: ModelServerOptions,
): boolean {
  if (linkedSha256 === undefined || request.url === "/elsewhere") return false;
  response.writeHead(302, { location: "/elsewhere", "x-linked-etag": `"${linkedSha256}"` }).end();
  return true;
}

function asksForBody({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.range !== FIRST_BYTE;
}

type Answer = ModelServerOptions & { readonly bytes: Buffer; readonly isCut: boolean };

function answer(request: IncomingMessage, response: ServerResponse, options: Answer): void {
  const { bytes, isCut, headStatus, getStatus, withoutLength, holdsAfterBytes, forgetsRanges, surplusBytes } = options;
  const status = request.method === "HEAD" ? headStatus : getStatus;
  if (status !== undefined) return void response.writeHead(status).end();
  const isBody = asksForBody(request);
  const withoutRanges = options.withoutRanges === true || (isBody && forgetsRanges === true);
  const [start, end] = withoutRanges ? [0, bytes.length] : readRange(request, bytes.length);
  const isPart = !withoutRanges && request.headers.range !== undefined;
  const etag = "etag" in options ? options.etag : ETAG;
  response.writeHead(isPart ? 206 : 200, {
    ...(withoutRanges ? {} : { "accept-ranges": "bytes" }),
    ...(withoutLength === true || surplusBytes !== undefined ? {} : { "content-length": String(end - start) }),
    ...(isPart ? { "content-range": `bytes ${start}-${end - 1}/${bytes.length}` } : {}),
    ...(etag === undefined ? {} : { etag }),
  });
  response.flushHeaders();
  if (request.method === "HEAD") return void response.end();
  const body = Buffer.concat([bytes.subarray(start, end), Buffer.alloc(isBody ? (surplusBytes ?? 0) : 0)]);
  if (isBody && holdsAfterBytes !== undefined) return void response.write(body.subarray(0, holdsAfterBytes));
  if (!isCut) return void response.end(body);
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

/** From the first byte to the one after the last. */
function readRange({ headers }: IncomingMessage, length: number): [number, number] {
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
  if (start === undefined) return [0, length];
  return [Number(start), end === "" ? length : Math.min(length, Number(end) + 1)];
}

/** A usable GGUF file of 12 MiB: it comes in many pieces. */
export async function createModelBytes(): Promise<Buffer> {
  const model = readFileSync((await TestModel.synthetic()).path);
  return Buffer.concat([model, randomBytes(12 * 1024 * 1024 - model.length)]);
}

export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
