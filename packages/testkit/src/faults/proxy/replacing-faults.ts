import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { EVENT_STREAM_CONTENT_TYPE, type FaultHit } from "inference-worker-protocol";
import type { ReplacingFaultId } from "./fault-ids.js";

const PAGE = "<!doctype html><title>Bad gateway</title><h1>The application is starting</h1>\n";
const ZEROS = Buffer.alloc(64 * 1024);

/** An answer that does not come from the worker. */
interface Replacement {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream is compressed on its way. */
  readonly body: string | Readable;
}

const REPLACEMENTS: { readonly [Id in ReplacingFaultId]: (hit: FaultHit<Id>) => Replacement } = {
  status: ({ fault }) => {
    const { code, body, retryAfter } = fault.params;
    const wait: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
    return { status: code, headers: { "content-type": "application/json", ...wait }, body };
  },
  redirect: ({ fault }) => ({ status: 307, headers: { location: fault.params.location }, body: "" }),
  "html-200": () => ({ status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: PAGE }),
  "gzip-bomb": ({ fault }) => ({
    status: 200,
    headers: { "content-type": EVENT_STREAM_CONTENT_TYPE, "content-encoding": "gzip" },
    body: Readable.from(zeros(fault.params.decodedBytes)),
  }),
};

/** Answers in the worker's place, without asking it; resolves when all of it is with the client. */
export async function answerInstead(response: ServerResponse, hit: FaultHit<ReplacingFaultId>): Promise<void> {
  const replace = REPLACEMENTS[hit.fault.id] as (hit: FaultHit<ReplacingFaultId>) => Replacement;
  const { status, headers, body } = replace(hit);
  response.writeHead(status, headers);
  hit.fire();
  if (typeof body === "string") {
    response.end(body);
    return;
  }
  await pipeline(body, createGzip(), response);
}

function* zeros(byteCount: number): Generator<Uint8Array> {
  for (let left = byteCount; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
}
