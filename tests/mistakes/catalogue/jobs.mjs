const two = (id, wrong, found, more = {}) => ({ id, wrong, user: "runs two jobs at once", found, ...more });
const one = (id, wrong, found, more = {}) => ({ id, wrong, user: "runs a job", found, ...more });
const unseen = (id, wrong, notFindable) => ({ id, wrong, user: "runs two jobs at once", notFindable });

/** @type {import("../mistake.ts").MistakeArea} */
export const JOBS = {
  title: "Several jobs, slots and health",
  mistakes: [
    two(
      "one-response-for-all",
      "The response of the current job is kept in a global variable, so two jobs write into one stream",
      "NOT_ALL_OK",
    ),
    two("one-job-id-for-all", "The id of the current job is kept in a global variable", "cross-talk"),
    two("one-correlation-id-for-all", "The correlation id is kept in a global variable", "cross-talk"),
    {
      id: "one-token-counter-for-all",
      wrong: "The index of the tokens continues in the next job",
      user: "runs one job after another",
      found: "invalid-event",
    },
    unseen(
      "text-of-another-job",
      "A buffer is shared, so an answer contains text of another job",
      "The text alone does not show it. `executeAll(requests, { nonces: true })` marks each prompt, and finds the text of another one.",
    ),
    two("rejects-the-second", "A second job is rejected although a slot is free", "http-error"),
    two("deadlocks-with-two", "A second job waits for a lock that is never released", "limit-exceeded", {
      start: { timeouts: { firstTokenMs: 600 } },
    }),
    unseen(
      "one-after-another",
      "Jobs run one after another although there are two slots",
      "Times on a busy machine do not show it. `inference-testkit check` compares the journals of overlapping jobs (`slots.…`).",
    ),
    two("crashes-with-two", "A second job crashes the process", "PROCESS_DIED"),
    {
      id: "fails-the-second",
      wrong: "The state of a job is not cleared, and the next one fails",
      user: "runs one job after another",
      found: "worker-error",
    },
    one("crashes-in-a-job", "It crashes in the middle of a job", "PROCESS_DIED"),
    one("crashes-after-end", "It crashes right after the last event of a job", "PROCESS_DIED"),
    one("exits-with-1-after-end", "It exits with code 1 right after the last event of a job", "PROCESS_DIED"),
    one("quits-after-a-job", "It exits with code 0 after its first job", "ENDED_UNASKED"),
    {
      id: "health-blocked-by-a-job",
      wrong: "The health request is answered when the job has ended",
      user: "asks for the health during a job",
      found: "LIMIT_HEADERS",
    },
    {
      id: "one-thread",
      wrong: "The server has one thread, so the health request waits for the job",
      user: "asks for the health during a job",
      found: "LIMIT_HEADERS",
      language: "python",
    },
    {
      id: "slots-below-0",
      wrong: "The number of busy slots falls below 0",
      user: "runs a job and waits until the worker is idle",
      found: "INVALID_RESPONSE",
    },
    {
      id: "slot-stays-busy",
      wrong: "A slot stays busy after its job",
      user: "runs a job and waits until the worker is idle",
      found: "IDLE_TIMEOUT",
    },
    unseen(
      "leaks-memory",
      "Each job leaves some memory behind",
      'One job does not show it. `monitorMemory()` and `assertNoLeak()` do, and `workerPool: { reuse: "clean" }` replaces such a worker.',
    ),
    unseen(
      "logs-the-prompt",
      "The prompt is written to the log",
      "A server may have a log of its requests. A test of its own looks through `worker.logs.lines`.",
    ),
  ],
};

const cancels = (id, wrong, found) => ({ id, wrong, user: "cancels a job", found });
const leaves = (id, wrong, found) => ({ id, wrong, user: "leaves during a job", found });

/** @type {import("../mistake.ts").MistakeArea} */
export const CANCEL = {
  title: "Cancelled jobs and clients that leave",
  mistakes: [
    cancels("ignores-cancel", "A cancellation is accepted and ignored", "CANCEL_IGNORED"),
    cancels("no-cancel", "There is no such request", "CANCEL_IGNORED"),
    cancels("cancel-breaks-off", "The stream of a cancelled job breaks off", "CANCEL_IGNORED"),
    cancels("cancel-ends-as-eos", "A cancelled job ends as if it were complete", "CANCEL_IGNORED"),
    cancels("cancel-takes-seconds", "A cancellation takes effect seconds later", "CANCEL_SLOW"),
    cancels("cancel-crashes", "A cancellation crashes the process", "PROCESS_DIED"),
    cancels("cancel-hangs", "A cancellation is not answered", "CANCEL_IGNORED"),
    cancels("cancel-keeps-the-slot", "The slot of a cancelled job stays busy", "IDLE_TIMEOUT"),
    {
      id: "cancels-every-job",
      wrong: "A cancellation ends all jobs",
      user: "cancels one of two jobs",
      found: "COMPLETION_FAILED",
    },
    leaves("disconnect-crashes", "A client that leaves crashes the process", "PROCESS_DIED"),
    leaves("disconnect-keeps-the-slot", "The slot of a client that leaves stays busy", "IDLE_TIMEOUT"),
    leaves("ignores-disconnect", "The job of a client that leaves runs to its end", "IDLE_TIMEOUT"),
  ],
};
