const stops = (id, wrong, found, more = {}) => ({ id, wrong, user: "starts and stops", found, ...more });
const SHORT = { start: { stopGraceMs: 400 } };

/** @type {import("../mistake.ts").MistakeArea} */
export const SHUTDOWN = {
  title: "Shutdown",
  mistakes: [
    stops("ignores-sigterm", "SIGTERM is ignored", "SIGTERM_IGNORED", SHORT),
    {
      id: "waits-for-connections",
      wrong: "The shutdown waits for connections that are kept alive",
      user: "runs a job",
      notFindable:
        "`stop()` closes the connections of the test first. A client of the test's own that keeps one open shows it: `SIGTERM_IGNORED`.",
    },
    stops(
      "thread-keeps-running",
      "A thread keeps the process running after the port was closed",
      "SIGTERM_IGNORED",
      SHORT,
    ),
    stops("exits-with-1", "The exit code after SIGTERM is 1", "PROCESS_DIED"),
    stops("interrupted-traceback", "SIGTERM ends the program with an exception", "PROCESS_DIED", {
      language: "python",
    }),
    stops("aborts-at-shutdown", "Releasing the model aborts the process", "PROCESS_DIED"),
    stops("leaves-a-child", "An engine in a session of its own outlives the server", "CHILD_LEFT_BEHIND"),
    stops("leaves-a-stubborn-child", "A child that ignores SIGTERM outlives the server", "CHILD_LEFT_BEHIND"),
    stops("leaves-a-hidden-child", "A daemon without parent and environment holds the port", "CHILD_LEFT_BEHIND"),
    {
      id: "ignores-shutdown-request",
      wrong: "The shutdown request is accepted and ignored",
      user: "asks the worker to shut down",
      found: "EXIT_TIMEOUT",
    },
    {
      id: "refuses-shutdown-request",
      wrong: "There is no shutdown request",
      user: "asks the worker to shut down",
      found: "HTTP_FAILED",
    },
    {
      id: "cuts-jobs-at-shutdown",
      wrong: "Running jobs are cut off by the shutdown",
      user: "asks the worker to shut down during a job",
      found: "COMPLETION_FAILED",
    },
    {
      id: "leaves-files",
      wrong: "Temporary files stay behind",
      user: "starts and stops",
      notFindable: "The framework does not watch the file system: which files may stay is not known.",
    },
  ],
};
