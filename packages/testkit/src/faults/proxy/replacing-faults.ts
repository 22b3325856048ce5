import type { ServerResponse } from "node:http";
import { once } from "node:events";
import { createGzip } from "node:zlib";
import { EVENT_STREAM_CONTENT_TYPE, type FaultHit } from "inference-worker-protocol";
import type { ReplacingFaultId } from "./fault-ids.js";

const PAGE = "<!doctype html><title>Bad gateway</title><h1>The application is starting</h1>\n";
const ZEROS = Buffer.alloc(64 * 1024);

/** An answer that does not come from the worker. */
interface Replacement {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<Uint8Array>;
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
    body: compressZeros(fault.params.decodedBytes),
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
  for await (const chunk of body) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
}

async function* compressZeros(byteCount: number): AsyncGenerator<Uint8Array> {
  const gzip = createGzip();
  const feed = async () => {
    for (let left = byteCount; left > 0 && !gzip.destroyed; left -= ZEROS.length) {
      if (!gzip.write(ZEROS.subarray(0, left))) await Promise.race([once(gzip, "drain"), once(gzip, "close")]);
    }
    gzip.end();
  };
  const fed = feed();
  try {
    for await (const chunk of gzip) yield chunk as Uint8Array;
  } finally {
    gzip.destroy();
    await fed;
  }
}
