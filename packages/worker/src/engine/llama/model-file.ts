import { statSync } from "node:fs";
import { WorkerError } from "inference-worker-protocol";
import { parseGgufHeader, type GgufHeader } from "./gguf-header.js";
import { HeaderError } from "./header-reader.js";
import { validateModelShape } from "./model-shape.js";

/**
 * Checks a model file in milliseconds, before any native code sees it.
 *
 * @throws {WorkerError} MODEL_LOAD_FAILED naming the path and the reason: missing, not a file, not readable, empty, not
 * GGUF, unsupported version, truncated, damaged header.
 */
export function checkModelFile(path: string): GgufHeader {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw modelLoadFailed(path, "no such file");
  if (!stats.isFile()) throw modelLoadFailed(path, "not a file");
  try {
    const header = parseGgufHeader(path);
    validateModelShape(header);
    return header;
  } catch (cause) {
    const reason = cause instanceof HeaderError ? cause.message : `cannot be read: ${String(cause)}`;
    throw modelLoadFailed(path, reason, cause);
  }
}

/** The one form of this error, from the first check to the native loader. */
export function modelLoadFailed(modelPath: string, reason: string, cause?: unknown): WorkerError {
  const message = `Cannot load the model ${modelPath}: ${reason}`;
  return new WorkerError("MODEL_LOAD_FAILED", message, { cause, details: { modelPath, reason } });
}
