import { WorkerError, type WorkerErrorCode } from "inference-worker-protocol";

const OUT_OF_MEMORY =
  /out of (device )?memory|OutOf\w*Memory|failed to allocate|unable to allocate|cudaMalloc|insufficient memory|not enough (vram|ram|memory)|too large for the available/i;
const DEVICE_FAILURE = /\b(cuda|cublas|hip|vulkan|vk|metal|ggml_backend_(cuda|vk|metal))\b|device lost/i;

/** A failure in native code: the error and the lines logged before it. */
export interface NativeFailure {
  readonly cause: unknown;
  readonly logLines: readonly string[];
}

/** The reason in one line: the error's message, then the native log lines, without duplicates. */
export function describeNativeFailure({ cause, logLines }: NativeFailure): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const lines = logLines.flatMap((line) => line.split("\n")).map((line) => line.trim());
  return [...new Set([message, ...lines])].join("; ");
}

/** Whether memory ran out, judged by the messages: llama.cpp's API has no error codes. */
export function isOutOfMemory(failure: NativeFailure): boolean {
  return OUT_OF_MEMORY.test(describeNativeFailure(failure));
}

/**
 * Maps a failure during a job: VRAM_OOM, CUDA_ERROR for any GPU back end, else INFERENCE_FAILED. A {@link
 * WorkerError} is returned unchanged.
 */
export function toJobError(failure: NativeFailure): WorkerError {
  if (failure.cause instanceof WorkerError) return failure.cause;
  const reason = describeNativeFailure(failure);
  return new WorkerError(jobErrorCode(failure, reason), `The engine failed: ${reason}`, { cause: failure.cause });
}

function jobErrorCode(failure: NativeFailure, reason: string): WorkerErrorCode {
  if (isOutOfMemory(failure)) return "VRAM_OOM";
  return DEVICE_FAILURE.test(reason) ? "CUDA_ERROR" : "INFERENCE_FAILED";
}
