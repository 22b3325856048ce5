import * as v from "valibot";
import { defineGroup, param } from "./define-fault.js";

const harness = defineGroup("process", "harness");
const stub = defineGroup("process", "stub");
const host = defineGroup("host", "host");
const IN_STREAM = ["headers", "tokens", "ms"] as const;

/** Signals that end a process, like a crash or an operator. */
const SIGNALS = ["SIGKILL", "SIGTERM", "SIGINT", "SIGSEGV", "SIGABRT"] as const;

/** Faults of the worker process. The first two work with any launched program. */
export const PROCESS_FAULTS = {
  kill: harness({
    meaning: "The process receives a signal.",
    reports: "`transport-error`; the next call is `PROCESS_DIED` with the signal",
    params: { signal: v.optional(v.picklist(SIGNALS), "SIGKILL") },
    at: IN_STREAM,
    defaultAt: "after-headers",
  }),
  pause: harness({
    meaning: "The process is paused (SIGSTOP) for `forMs`, or until `resume()`; `stop()` always resumes it.",
    reports: "`limit-exceeded` (firstTokenMs or tokenIdleMs) unless resumed in time",
    params: { forMs: param.maybeMs },
    at: IN_STREAM,
    defaultAt: "after-headers",
  }),
  exit: stub({
    meaning: "The process exits with this code.",
    reports: "`transport-error`; the next call is `PROCESS_DIED` with the code",
    params: { code: param.integer(0, 255, 1) },
    at: ["tokens", "ms"],
    defaultAt: { afterTokens: 0 },
  }),
  "crash-on-start": stub({
    meaning: "The process exits during the start: the first `starts` times, or every time.",
    reports: "`PROCESS_DIED` with the code",
    params: { code: param.integer(0, 255, 1), starts: param.count },
    startOnly: true,
  }),
  "never-ready": stub({ meaning: "The start never completes.", reports: "`READY_TIMEOUT`", startOnly: true }),
  "port-in-use": stub({
    meaning: "Another process is listening on the port.",
    reports: "`PROCESS_DIED` with PORT_IN_USE",
    startOnly: true,
  }),
  "stdout-flood": stub({
    meaning: "`bytes` bytes are written to stdout before the worker is ready.",
    reports: "nothing: output is always drained; older log lines are dropped and counted",
    params: { bytes: param.bytes(1024 * 1024) },
    startOnly: true,
  }),
  "grandchild-holds-port": stub({
    meaning: "A child inherits the listening socket and outlives the worker.",
    reports: "`stop()` kills it and lists it under `survivors`",
    startOnly: true,
  }),
  "ignores-sigterm": stub({
    meaning: "SIGTERM and SIGINT are ignored.",
    reports: "`stop()` reports `killed` after the grace period",
    startOnly: true,
  }),
} as const;

/** Operating-system limits that a program is started under. If one is not available, `hostFault()` returns the reason. */
export const HOST_FAULTS = {
  "open-files-limit": host({
    meaning: "The process may have at most `limit` open files and sockets.",
    reports: "`CONNECT_FAILED` or `LIMIT_HEADERS` beyond it; the worker continues",
    params: { limit: param.integer(16, 1_000_000, 64) },
    startOnly: true,
  }),
  "disk-full": host({
    meaning: "The stderr of the process is a full disk (`/dev/full`). Its stdout, with the ready line, is not.",
    reports: "nothing: a worker must not exit because it cannot log",
    startOnly: true,
  }),
  "file-size-limit": host({
    meaning: "No file may grow beyond `bytes`, rounded up to blocks of 512.",
    reports: "nothing if the worker writes no files; otherwise `PROCESS_DIED` (SIGXFSZ), unless it ignores that signal",
    params: { bytes: param.bytes(1024 * 1024) },
    startOnly: true,
  }),
  "cpu-quota": host({
    meaning: "The process gets at most `percent` of one core.",
    reports: "a slow `complete`",
    params: { percent: param.integer(1, 100, 20) },
    startOnly: true,
  }),
} as const;
