import type { StreamFault } from "./outcome.js";

const ABORT_CODES: readonly unknown[] = ["ABORT_ERR", "UND_ERR_ABORTED"];

/** The fault for an error thrown while reading the body. */
export function toTransportFault(error: unknown, byteOffset: number): StreamFault {
  if (isAbort(error)) return findAbort(error);
  const root = findRoot(error);
  const message = root instanceof Error ? root.message : String(root);
  return { status: "transport-error", code: findCode(root), byteOffset, message, cause: error };
}

/** The fault for an abort with the given reason. */
export function findAbort(reason: unknown): StreamFault {
  return { status: "aborted", reason: reason instanceof Error ? reason.message : String(reason) };
}

/** fetch wraps the cause in a TypeError "terminated": only the innermost error is useful. */
function findRoot(error: unknown): unknown {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root;
}

/** undici's parser errors have a name but no code. */
function findCode(error: unknown): string {
  if (hasCode(error)) return error.code;
  return error instanceof Error ? error.name : "UNKNOWN";
}

function hasCode(error: unknown): error is { code: string } {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string";
}

function isAbort(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === "AbortError" || (hasCode(error) && ABORT_CODES.includes(error.code)))
  );
}
