import type { StreamWatch, StreamWatcher, WatchedRequest } from "../client/index.js";
import type { FindingLog } from "../findings/index.js";
import { findStreamFindings } from "../jobs/index.js";

/** An answer about health is a few hundred bytes. */
const MOST_HEALTH_BYTES = 64 * 1024;

/** Where findings go, and whether the framework itself cuts connections now. */
export interface WatchContext {
  readonly log: FindingLog;
  readonly isStopping: () => boolean;
}

/** Looks at the stream of each job when it has been read, and at each answer about health. */
export function watchForFindings(context: WatchContext, request: WatchedRequest): StreamWatch | undefined {
  if (request.isJob) return watchJob(context, request);
  return isHealth(request) ? watchHealth(context, request) : undefined;
}

function watchJob({ log, isStopping }: WatchContext, { jobId, request, dialect }: WatchedRequest): StreamWatch {
  let isCut = false;
  return {
    onCut: () => (isCut = true),
    onCollected: (stream) => {
      log.add(...findStreamFindings({ jobId, request, dialect, stream, isCut: isCut || isStopping() }));
    },
  };
}

/** The same before there is a harness: while a worker starts, or is attached. */
export function watchStart(log: FindingLog): StreamWatcher {
  return (request) => (isHealth(request) ? watchHealth({ log }, request) : undefined);
}

function isHealth({ dialect, method, path }: WatchedRequest): boolean {
  return method === "GET" && dialect.health !== undefined && path.split("?", 1)[0] === dialect.health.path;
}

/** An orchestrator looks at the status alone. */
function watchHealth({ log }: Pick<WatchContext, "log">, { dialect, path }: WatchedRequest): StreamWatch {
  const chunks: Uint8Array[] = [];
  let [status, byteCount] = [0, 0];
  return {
    onHeaders: (answered) => (status = answered),
    onChunk: (chunk) => {
      byteCount += chunk.byteLength;
      if (status === 200 && byteCount <= MOST_HEALTH_BYTES) chunks.push(Uint8Array.from(chunk));
    },
    onEnd: ({ kind }) => {
      if (kind !== "ended" || chunks.length === 0 || byteCount > MOST_HEALTH_BYTES) return;
      if (!isUnhealthy(Buffer.concat(chunks).toString(), dialect.health?.parse)) return;
      log.add({ code: "UNHEALTHY_WITH_200", message: `${path} answered 200 with the status \`unhealthy\`` });
    },
  };
}

function isUnhealthy(body: string, parse: ((body: string) => { readonly status: string }) | undefined): boolean {
  try {
    return parse?.(body).status === "unhealthy";
  } catch {
    return false; // an invalid answer is reported to the caller
  }
}
