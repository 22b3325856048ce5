import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";
import type { Dialect } from "../dialects/index.js";

/**
 * A job's body is inspected up to this size, the most that a worker accepts; the rest is only passed on.
 */
const MOST_KEPT_BYTES = 1024 * 1024;

/** The part of a request that was read before it is passed on. */
export interface RequestStart {
  readonly chunks: readonly Buffer[];
  /** Whether that is all of it. */
  readonly isWhole: boolean;
  readonly jobId: string | undefined;
}

/** Requests that are not jobs are not read. */
export const NOTHING_READ: RequestStart = { chunks: [], isWhole: false, jobId: undefined };

/** Reads the body of a job, because its id decides which faults apply. */
export async function readJobStart(request: IncomingMessage, { findJobId }: Dialect): Promise<RequestStart> {
  if (findJobId === undefined) return NOTHING_READ;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > MOST_KEPT_BYTES) return { chunks, isWhole: false, jobId: undefined };
  }
  return { chunks, isWhole: true, jobId: readJobId(chunks, request.headers, findJobId) };
}

/** Forwards the part that was read and the rest of the body. */
export function sendBody(start: RequestStart, request: IncomingMessage, upstream: Writable): void {
  for (const chunk of start.chunks) upstream.write(chunk);
  if (start.isWhole) upstream.end();
  else request.pipe(upstream);
}

function readJobId(
  chunks: readonly Buffer[],
  headers: IncomingMessage["headers"],
  findJobId: NonNullable<Dialect["findJobId"]>,
): string | undefined {
  try {
    return findJobId(JSON.parse(Buffer.concat(chunks).toString()), headers);
  } catch {
    return undefined; // the worker will reject it
  }
}
