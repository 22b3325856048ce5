/** Title and default hint of one error code. */
export interface ErrorCodeInfo {
  /** What went wrong, as a heading. */
  readonly title: string;
  /** What to do about it; an error may have a more precise one. */
  readonly hint: string;
}

const entry = (title: string, hint: string): ErrorCodeInfo => ({ title, hint });

/**
 * The closed catalogue of testkit errors. A code is never renamed; `docs/errors.md` is generated from this
 * table.
 */
export const TESTKIT_ERRORS = {
  INVALID_OPTION: entry("An option has an invalid value", "Correct the option that the message names."),

  SPAWN_FAILED: entry(
    "The worker program could not be started",
    "Check the command: does the file exist, and is it executable?",
  ),
  READY_TIMEOUT: entry(
    "The worker did not become ready in time",
    "Look at the worker's last log lines, or raise `readyTimeoutMs` (`--ready-timeout` on the command line).",
  ),
  PROCESS_DIED: entry(
    "The worker process ended unexpectedly",
    "Look at the exit code or signal and at the worker's last log lines.",
  ),
  EXIT_TIMEOUT: entry(
    "The worker process did not end in time",
    "Look at the worker's last log lines; a job may still be running, or the process may be stopped.",
  ),
  WRONG_IDENTITY: entry(
    "Another process answered on the port, or the worker reported another id",
    "The message says which process listens there: let the framework choose the port, or correct what the worker reports.",
  ),
  STOP_FAILED: entry(
    "Processes of the worker are still alive after SIGKILL",
    "They are listed with their pids; a process in uninterruptible sleep (a GPU driver) needs the operating system's help.",
  ),
  PORT_UNAVAILABLE: entry(
    "The port cannot be used, or no free one was found",
    "Too many ports are in use or reserved: check for leaked processes, or widen the range.",
  ),
  POOL_TIMEOUT: entry(
    "No worker of the pool became free in time",
    "The message names the tests that have one: release them, or raise `maxWorkers` or `takeTimeoutMs`.",
  ),
  TEST_TIMEOUT: entry(
    "The time limit of the test was about to pass",
    "The message says what the test was waiting for. Raise the limit of the test in its runner if the worker may take that long.",
  ),
  LOG_TIMEOUT: entry("The expected log line did not appear", "Compare the pattern with the last log lines."),

  CONNECT_FAILED: entry("No connection to the worker", "Is the worker still alive, and is this the right address?"),
  HTTP_FAILED: entry("The worker answered with an HTTP error", "The status and the body give the worker's reason."),
  INVALID_RESPONSE: entry(
    "The response violates the protocol",
    "Does this address belong to a worker that speaks this protocol?",
  ),

  STREAM_TRUNCATED: entry(
    "The stream ended without a terminal event",
    "The worker closed the response early: see its log for a crash or an early return.",
  ),
  STREAM_TRANSPORT: entry(
    "The connection broke in the middle of the stream",
    "The worker or the network cut the connection: see the worker's exit code and log.",
  ),
  STREAM_ABORTED: entry(
    "The stream was aborted by the test",
    "The caller's signal fired; this is not an error of the worker.",
  ),
  INVALID_EVENT: entry(
    "The stream contains an invalid event",
    "The message names the event and the field; compare it with the wire protocol.",
  ),

  LIMIT_CONNECT: entry(
    "The connection was not established in time",
    "Is the worker overloaded or stopped? Raise `connectMs` if the network is slow.",
  ),
  LIMIT_HEADERS: entry(
    "The response headers did not arrive in time",
    "The worker accepts connections but does not answer: is it stopped or deadlocked? Raise `headersMs` for long queues.",
  ),
  LIMIT_FIRST_TOKEN: entry(
    "The first token did not arrive in time",
    "Is the prefill or the queue long? Raise `firstTokenMs`.",
  ),
  LIMIT_TOKEN_IDLE: entry(
    "The next token did not arrive in time",
    "The engine stalled. Raise `tokenIdleMs` if such pauses are normal.",
  ),
  LIMIT_TRANSPORT_IDLE: entry(
    "No byte arrived in time",
    "The worker or the network stalled. Raise `transportIdleMs` if such pauses are normal.",
  ),
  LIMIT_TOTAL_TIME: entry("The whole stream took too long", "Request fewer tokens or raise `totalMs`."),
  LIMIT_EVENT_SIZE: entry(
    "One event is too large",
    "Is a line endless, or a blank line missing? Raise `eventBytes` if such events are normal.",
  ),
  LIMIT_DECODED_SIZE: entry("The stream is too large", "Raise `decodedBytes` if such streams are normal."),
  LIMIT_EVENT_COUNT: entry(
    "The stream has too many events",
    "Does the worker never stop? Raise `eventCount` if such streams are normal.",
  ),
  LIMIT_EVENT_ID_SIZE: entry("An event id is too long", "Raise `eventIdBytes` if such ids are normal."),
  LIMIT_EVENT_NAME_SIZE: entry("An event name is too long", "Raise `eventNameBytes` if such names are normal."),

  ORDER_VIOLATED: entry(
    "The events are in the wrong order",
    "Expected `started`, then `token` (i = 0, 1, 2, …) or `metrics`, then exactly one `end` or `error`.",
  ),
  COMPLETION_FAILED: entry("The job did not complete successfully", "The message says how the stream ended."),
  TOKEN_COUNT_MISMATCH: entry(
    "The number of tokens is wrong",
    "Compare with `tokens_out` and the stop reason of the end event.",
  ),
  NO_END_EVENT: entry("The stream has no end event", "Assert completion first, or look at the error event."),
  STOP_MISMATCH: entry(
    "The job did not stop for the expected reason",
    "Compare the stop reason and the matched stop sequence.",
  ),

  NOT_STREAMED: entry(
    "The tokens were held back and sent at once",
    "Does the server, or a proxy in front of it, collect the answer before it sends it? Look for response buffering and compression.",
  ),
  STREAMING_UNPROVEN: entry(
    "The stream does not show whether its tokens arrived while they were generated",
    "Ask for more tokens: at least 8, and 100 ms of generation.",
  ),
  GOLDEN_DIFFERENT: entry(
    "The answer differs from its golden transcript",
    "If the new answer is right, record it: run the tests with `-u`. If it may vary, declare by how much with `close`.",
  ),
  GOLDEN_MISSING: entry(
    "There is no golden transcript for this worker and request",
    "Record one on such a worker: run the tests with `-u`, and commit the file.",
  ),
  GOLDEN_INVALID: entry(
    "A golden transcript cannot be read or written",
    "Restore the file from version control, or delete it and record it again.",
  ),

  NOT_ALL_OK: entry("Not every job succeeded", "The first failures are listed; every outcome has its own message."),
  OUTCOMES_MISMATCH: entry(
    "The jobs did not end as expected",
    "Compare the counts; the first unexpected jobs are listed, and every outcome has its own message.",
  ),
  PROGRESS_FAILED: entry(
    "A callback threw during a run",
    "All jobs still ran: `outcomes` or `result` of the error has their results.",
  ),
  LIVE_PAGE_FAILED: entry(
    "The page of the run cannot be served",
    "Leave out `--ui`; the report is written at the end either way.",
  ),
  CANCEL_TOO_LATE: entry(
    "The job had ended before it could be cancelled",
    "Nothing was tested: make the job longer (`max_tokens`) or slower, or cancel it earlier.",
  ),
  CANCEL_IGNORED: entry(
    "The job was not cancelled",
    "The worker must end the stream with `error` CANCELLED, or `end` with the stop reason `cancelled`.",
  ),
  CANCEL_SLOW: entry(
    "The cancellation took too long, or too many tokens followed it",
    "Does the worker check for cancellation between tokens and during the prefill?",
  ),
  DISCONNECT_TOO_LATE: entry(
    "The stream ended before the connection was cut",
    "Nothing was tested: make the job longer (`max_tokens`), or disconnect earlier.",
  ),
  IDLE_TIMEOUT: entry(
    "The worker did not become idle in time",
    "A slot leaked, or a job is still running: compare with the `execute_end` lines of the worker's log.",
  ),

  FINDINGS_NOT_ALLOWED: entry(
    "The worker misbehaved in a way that the test does not allow",
    'Correct the worker, or allow what the test provokes by name: `allow: ["SIGTERM_IGNORED"]`. docs/findings.md lists the codes.',
  ),

  FAULT_NEVER_FIRED: entry(
    "An armed fault never fired",
    "The message says why. Correct its `match`, `when` or `at`, or set `optional: true` if the test may pass without it.",
  ),
  NOT_RECOVERED: entry(
    "The worker did not serve again in time after a fault",
    "The message has the last failure; a worker that ended needs `recover: () => worker.restart()`.",
  ),

  LOAD_LIMIT_MISSED: entry(
    "The load run exceeded a limit",
    "The message has every limit with its measured value. Is the machine slow or busy?",
  ),
  LOAD_NOT_ENOUGH_SAMPLES: entry(
    "The load run has too few samples for a limit",
    "Send more requests, or set a limit for a lower percentile: too few samples prove nothing.",
  ),
  LOAD_NOT_RECORDED: entry(
    "The stored load run lacks a metric that a limit names",
    "An older release wrote the run. Measure again with this release, or drop the limit.",
  ),
  LOAD_INVALID: entry(
    "The load run does not measure the worker",
    "The message has the reasons: usually the client was at its limit. Lower the rate, raise `clientThreads`, or use a quieter machine.",
  ),
  LOAD_CLIENT_LOST: entry(
    "A client thread of the load run could not be started",
    "The cause says why; `clientThreads: 1` needs no thread.",
  ),

  REPORT_FAILED: entry(
    "The report could not be written",
    "Choose a folder that this user can write to, on a disk with enough space.",
  ),
  REPORT_INVALID: entry(
    "The file is not a report that this version can read",
    "Pass the run.json that `inference-testkit profile` or writeReport() wrote; a newer report needs a newer inference-testkit.",
  ),

  CONFORMANCE_FAILED: entry(
    "A conformance check failed, or could not decide",
    "`inference-testkit check --only <id>` shows it with its evidence.",
  ),
  EVIDENCE_FAILED: entry(
    "The evidence bundle cannot be written",
    "Is the folder writable, and does the disk have space? The result of the test itself is not affected.",
  ),
  EVIDENCE_INVALID: entry(
    "The folder does not contain a valid evidence bundle",
    "The message names the file and the line. A bundle without `metadata.json` is incomplete.",
  ),

  MODEL_NOT_FOUND: entry(
    "The model file does not exist",
    "Pull it with `npx inference-testkit models pull <name>`, or set INFERENCE_TESTKIT_MODELS to the folder that contains it.",
  ),
  MODEL_INVALID: entry("The model file cannot be used", "Is it a complete GGUF file? Pull or copy it again."),
  MODEL_CACHE_FAILED: entry(
    "The cache folder for models cannot be written",
    "Set INFERENCE_TESTKIT_CACHE to a folder that this user can write to.",
  ),
  DOWNLOAD_FAILED: entry(
    "The model could not be downloaded",
    "Check the address and the network; run the command again to resume.",
  ),

  MEMORY_LEAK: entry(
    "The worker's memory grows with its work",
    "What does a job leave behind: its KV cache, its request, a listener? The slope is the growth per cycle.",
  ),
  MEMORY_STEP: entry(
    "The worker's memory jumped to another level",
    "Did a buffer grow once? The message names the cycle; omit `step` to allow it.",
  ),
  MEMORY_INCONCLUSIVE: entry(
    "The memory record proves nothing",
    "The reason names what is missing: more cycles, a worker that survives them, a GPU without other users.",
  ),
  MEMORY_NOT_RELEASED: entry(
    "Memory is still in use after the worker was stopped",
    "Which process uses it? A GPU driver releases memory with a delay: if that is the cause, raise `withinMs`.",
  ),
  MEMORY_QUIET_TIMEOUT: entry(
    "The worker was never idle",
    "Take idle points between the jobs, not while they run, or raise `timeoutMs`.",
  ),
  GPU_MEMORY_TIMEOUT: entry(
    "The GPU's memory did not become free in time",
    "The message lists the processes that use it, such as a leaked worker or a desktop. Raise `toBytes` by what is always in use.",
  ),
  GPU_UNAVAILABLE: entry(
    "The GPU's memory cannot be read",
    "The message has the reason of each tool that was tried. On a machine without a GPU, skip the test with this reason.",
  ),
} as const satisfies Record<string, ErrorCodeInfo>;

/** A code of the catalogue. */
export type TestkitErrorCode = keyof typeof TESTKIT_ERRORS;
