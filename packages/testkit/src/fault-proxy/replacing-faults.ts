import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { EVENT_STREAM_CONTENT_TYPE } from "inference-worker-protocol";
import type { FaultHit } from "worker-orcd-control";
import type { Answer } from "./answer.js";
import { isIn, type ProxyFaultId } from "./fault-ids.js";
import type { Pieces } from "./pieces.js";

const PAGE = "<!doctype html><title>Bad gateway</title><h1>The application is starting</h1>\n";
const ZEROS = Buffer.alloc(64 * 1024);

/** An answer that the proxy creates itself. */
interface Replacement {
  readonly status: number;
  /** Alternating names and values. */
  readonly headers: readonly string[];
  readonly body: (hit: FaultHit) => Pieces;
}

const REPLACEMENTS = {
  status: ({ fault }) => {
    const { code, body, retryAfter } = fault.params;
    const wait = retryAfter === undefined ? [] : ["retry-after", String(retryAfter)];
    return { status: code, headers: ["content-type", "application/json", ...wait], body: fixed(body) };
  },
  redirect: ({ fault }) => ({ status: 307, headers: ["location", fault.params.location], body: fixed("") }),
  "html-200": () => ({ status: 200, headers: ["content-type", "text/html; charset=utf-8"], body: fixed(PAGE) }),
  "gzip-bomb": ({ fault }) => ({
    status: 200,
    headers: ["content-type", EVENT_STREAM_CONTENT_TYPE, "content-encoding", "gzip"],
    body: compressedZeros(fault.params.decodedBytes),
  }),
} as const satisfies { readonly [Id in ProxyFaultId]?: (hit: FaultHit<Id>) => Replacement };

export type ReplacingFaultId = keyof typeof REPLACEMENTS;

/** Whether a fault answers without contacting the worker. */
export const isReplacing = isIn<ReplacingFaultId>(REPLACEMENTS);

/** Answers in the worker's place, without contacting it. */
export function replaceAnswer(hit: FaultHit<ReplacingFaultId>): Answer {
  const replace = REPLACEMENTS[hit.fault.id] as (hit: FaultHit<ReplacingFaultId>) => Replacement;
  const { status, headers, body } = replace(hit);
  return { head: { status, statusText: undefined, headers, keepsConnection: true }, pieces: body(hit) };
}

function fixed(text: string): (hit: FaultHit) => Pieces {
  return async function* (hit) {
    await Promise.resolve();
    yield { bytes: Buffer.from(text), fires: hit };
  };
}

function compressedZeros(byteCount: number): (hit: FaultHit) => Pieces {
  return async function* (hit) {
    const source = Readable.from(zeros(byteCount));
    const gzip = source.pipe(createGzip());
    try {
      for await (const chunk of gzip) yield { bytes: chunk as Buffer, fires: hit };
    } finally {
      source.destroy();
      gzip.destroy();
    }
  };
}

function* zeros(byteCount: number): Generator<Uint8Array> {
  for (let left = byteCount; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
}
