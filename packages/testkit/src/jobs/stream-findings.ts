import type { Dialect, ExecuteBody } from "../dialects/index.js";
import type { CollectedStream } from "../events/index.js";
import type { SeenFinding } from "../findings/index.js";
import { plural } from "../numbers/index.js";
import { findOtherSeed } from "./judge-request.js";

/** A stream that was read, and the request that it answers. */
export interface ReadStream {
  readonly jobId: string | undefined;
  /** Undefined for a request that was sent as it is. */
  readonly request: ExecuteBody | undefined;
  readonly dialect: Dialect;
  readonly stream: CollectedStream;
}

/** What a stream shows to be wrong, whether or not its reader checks it. */
export function findStreamFindings(read: ReadStream): readonly SeenFinding[] {
  const found = [seedMismatch(read), invalidUtf8(read)];
  return found
    .filter((finding) => finding !== undefined)
    .map((finding) => ({ ...finding, ...(read.jobId === undefined ? {} : { jobId: read.jobId }) }));
}

function seedMismatch({ request, stream }: ReadStream): SeenFinding | undefined {
  const message = request && findOtherSeed({ request, stream });
  return message === undefined ? undefined : { code: "SEED_MISMATCH", message };
}

function invalidUtf8({ stream: { invalidUtf8Count: count, bytes } }: ReadStream): SeenFinding | undefined {
  if (count === 0) return undefined;
  const message = `${plural(count, "byte sequence")} of the ${bytes} bytes of the stream ${count === 1 ? "is" : "are"} not UTF-8`;
  return { code: "INVALID_UTF8", message };
}
