import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";

/** A job's body is looked at up to this size, as much as a worker takes; beyond it is only passed on. */
const MOST_KEPT_BYTES = 1024 * 1024;

/** What was read of a request before it is passed on. */
export interface RequestStart {
  readonly chunks: readonly Buffer[];
  /** Whether that is all of it. */
  readonly isWhole: boolean;
  readonly jobId: string | undefined;
}

/** Reads the body of a job, because its id decides which faults are for it; of other requests nothing. */
export async function readRequestStart(request: IncomingMessage, path: string): Promise<RequestStart> {
  if (request.method !== "POST" || path !== "/execute") return { chunks: [], isWhole: false, jobId: undefined };
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > MOST_KEPT_BYTES) return { chunks, isWhole: false, jobId: undefined };
  }
  return { chunks, isWhole: true, jobId: findJobId(chunks) };
}

/** Forwards what was read and the rest of the body. */
export function sendBody(start: RequestStart, request: IncomingMessage, upstream: Writable): void {
  for (const chunk of start.chunks) upstream.write(chunk);
  if (start.isWhole) upstream.end();
  else request.pipe(upstream);
}

function findJobId(chunks: readonly Buffer[]): string | undefined {
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { job_id?: unknown } | null;
    return typeof body?.job_id === "string" ? body.job_id : undefined;
  } catch {
    return undefined; // the worker refuses it
  }
}
