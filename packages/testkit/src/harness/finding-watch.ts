import type { StreamWatch, WatchedRequest } from "../client/index.js";
import type { FindingLog } from "../findings/index.js";
import { findStreamFindings } from "../jobs/index.js";

/** Looks at the stream of each job when it has been read. */
export function watchForFindings(log: FindingLog, request: WatchedRequest): StreamWatch | undefined {
  if (!request.isJob) return undefined;
  const { jobId, request: body, dialect } = request;
  return { onCollected: (stream) => log.add(...findStreamFindings({ jobId, request: body, dialect, stream })) };
}
