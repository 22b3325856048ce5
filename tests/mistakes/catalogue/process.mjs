const LATE = { readyTimeoutMs: 1_500 };
const POLLED = { ready: { kind: "http" } };

/** @type {import("../mistake.ts").MistakeArea} */
export const PROCESS = {
  title: "Start, port and readiness",
  mistakes: [
    { id: "exits-at-start", wrong: "It exits with code 1 while it starts", user: "starts and stops", found: "PROCESS_DIED" },
    { id: "exits-with-0", wrong: "It exits with code 0 before it listens, because nothing keeps the process alive", user: "starts and stops", found: "PROCESS_DIED" },
    { id: "aborts-while-loading", wrong: "A native library aborts the process while the model is loaded", user: "starts and stops", found: "PROCESS_DIED" },
    { id: "never-listens", wrong: "The model is never loaded, and the process never listens", user: "starts and stops", found: "READY_TIMEOUT", start: LATE },
    { id: "daemonizes", wrong: "It forks into the background, and the process that was started exits with code 0", user: "starts and stops", found: "PROCESS_DIED" },
    { id: "own-port", wrong: "It ignores the port that it is given and listens on another one", user: "starts and stops", found: "READY_TIMEOUT", start: LATE },
    { id: "other-loopback-address", wrong: "It listens on another address than the one it is given", user: "starts and stops", found: "READY_TIMEOUT", start: LATE },
    { id: "all-addresses", wrong: "It listens on all addresses", user: "starts and stops", found: "LISTENS_BEYOND_LOOPBACK" },
    { id: "metrics-on-all-addresses", wrong: "A second port, such as that of the metrics, is open on all addresses", user: "starts and stops", found: "LISTENS_BEYOND_LOOPBACK" },
    { id: "listens-and-never-answers", wrong: "It accepts connections while the model loads and never answers", user: "starts and stops", found: "READY_TIMEOUT", start: LATE },
    { id: "closes-every-connection", wrong: "It closes each connection without an answer", user: "starts and stops", found: "READY_TIMEOUT", start: LATE },
    { id: "health-503-forever", wrong: "The health request is answered 503 for ever", user: "starts and stops", found: "READY_TIMEOUT", start: LATE },
    { id: "no-health", wrong: "The path of the health request does not exist", user: "starts and stops", found: "READY_TIMEOUT", start: LATE },
    { id: "health-redirects", wrong: "The health request is redirected", user: "starts and stops", found: "READY_TIMEOUT", start: LATE },
    { id: "health-is-plain-text", wrong: "The health request is answered `OK` instead of JSON", user: "starts and stops", found: "WRONG_IDENTITY" },
    { id: "other-worker-id", wrong: "It reports an id of its own instead of the one it is given", user: "starts and stops", found: "WRONG_IDENTITY" },
    { id: "no-worker-id", wrong: "It does not report its id", user: "starts and stops", found: "WRONG_IDENTITY" },
    { id: "ready-before-loaded", wrong: "The health request is answered 200 before the model is loaded, and jobs 503", user: "runs a job", found: "HTTP_FAILED" },
    { id: "unhealthy-200", wrong: "The health request is answered 200 with the status `unhealthy`", user: "starts and stops", found: "UNHEALTHY_WITH_200", start: POLLED },
    { id: "crashes-after-ready", wrong: "It crashes shortly after it was ready", user: "runs a job", found: "PROCESS_DIED" },
    { id: "quits-after-ready", wrong: "It exits with code 0 shortly after it was ready", user: "runs a job", found: "PROCESS_DIED" },
    { id: "buffers-the-ready-line", wrong: "The ready line stays in the buffer of the standard output, because that is a pipe", user: "starts and stops", found: "READY_TIMEOUT", start: { ...LATE, ready: { kind: "line" }, env: { PYTHONUNBUFFERED: undefined } }, language: "python" },
    { id: "refuses-a-restart", wrong: "The port is bound without SO_REUSEADDR, so a restart fails while old connections are in TIME_WAIT", user: "restarts the worker", found: "PORT_UNAVAILABLE", language: "python" },
    { id: "does-not-start-again", wrong: "It does not start again, because its lock file of the last start is still there", user: "restarts the worker", found: "PROCESS_DIED" },
  ],
};
