/** One entry of the worker's error catalogue. */
export interface WorkerErrorInfo {
  /** HTTP status of the answer, or its equivalent for an `error` event. */
  readonly status: number;
  /** Whether the same request may succeed later. */
  readonly retriable: boolean;
  /** What to do about it, in one sentence. */
  readonly hint: string;
}

const entry = (status: number, retriable: boolean, hint: string): WorkerErrorInfo => ({ status, retriable, hint });

/** Every error that a worker may return (wire protocol, error catalogue). Codes are never renamed. */
export const WORKER_ERRORS = {
  INVALID_REQUEST: entry(400, false, "Send a JSON object with at least `job_id` and `prompt`."),
  DUPLICATE_JOB: entry(409, false, "A job with this id is queued or running: use a new id, or wait for the old job."),
  FORBIDDEN: entry(403, false, "Allow the host with `--allow-host`, or the web page's origin with `--allow-origin`."),
  REQUEST_TIMEOUT: entry(408, false, "Send the whole request within 15 s, its headers within 10 s."),
  PAYLOAD_TOO_LARGE: entry(413, false, "Keep the body at or below 1 MiB."),
  UNSUPPORTED_MEDIA_TYPE: entry(
    415,
    false,
    "Send `Content-Type: application/json` with every POST, even without a body.",
  ),
  NOT_FOUND: entry(404, false, "Check the path against the wire protocol."),
  METHOD_NOT_ALLOWED: entry(405, false, "Use a method that the `Allow` header lists."),
  MODEL_LOAD_FAILED: entry(
    500,
    false,
    "Check that the file exists, is a complete GGUF, and has a supported architecture.",
  ),
  INSUFFICIENT_VRAM: entry(503, false, "Use a smaller model or quantization, a shorter context, or a larger GPU."),
  DEVICE_NOT_FOUND: entry(500, false, "List the devices of this machine; `--gpu-device -1` selects the CPU."),
  VRAM_OOM: entry(
    503,
    true,
    "The device ran out of memory during the job: lower the load or the context length and retry.",
  ),
  CONTEXT_OVERFLOW: entry(
    400,
    false,
    "Shorten the prompt, lower `max_tokens`, or start with a larger `--context-size`.",
  ),
  CUDA_ERROR: entry(500, false, "The GPU reported a failure: see the worker's log and the driver's."),
  INFERENCE_FAILED: entry(500, false, "The engine failed during the job: see the worker's log."),
  INFERENCE_TIMEOUT: entry(504, true, "The job exceeded `--inference-timeout-sec`: raise it or lower `max_tokens`."),
  CANCELLED: entry(499, false, "The job was cancelled by a client or by the shutdown."),
  QUEUE_FULL: entry(503, true, "Retry after the `Retry-After` header, or raise `--max-queue`."),
  SHUTTING_DOWN: entry(503, true, "The worker is stopping: send the request to another one."),
  PORT_IN_USE: entry(500, false, "Choose another `--port`; 0 lets the system choose."),
  ADDRESS_UNAVAILABLE: entry(500, false, "Choose a `--host` that this machine has."),
  CALLBACK_FAILED: entry(500, false, "The `--callback-url` must answer 2xx within 5 s."),
  INTERNAL: entry(500, false, "A defect of the worker: report it with the log line that has the same correlation id."),
} as const satisfies Record<string, WorkerErrorInfo>;

/** A code of the catalogue. */
export type WorkerErrorCode = keyof typeof WORKER_ERRORS;

/** The body of every non-200 answer except the field errors of a 400. */
export interface WorkerErrorBody {
  readonly code: WorkerErrorCode;
  readonly message: string;
  readonly retriable: boolean;
}

/**
 * A failure with a code of the catalogue. The worker throws it when a request, a job or a start fails for a known reason.
 *
 * @example throw new WorkerError("CONTEXT_OVERFLOW", "the prompt has 5000 tokens, the context has room for 4096");
 */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
  readonly code: WorkerErrorCode;
  readonly info: WorkerErrorInfo;
  /** Facts for programs, JSON-serializable. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: WorkerErrorCode,
    message: string,
    options: ErrorOptions & { details?: Record<string, unknown> } = {},
  ) {
    super(message, options);
    this.code = code;
    this.info = WORKER_ERRORS[code];
    this.details = options.details ?? {};
  }

  toBody(): WorkerErrorBody {
    return { code: this.code, message: this.message, retriable: this.info.retriable };
  }
}
