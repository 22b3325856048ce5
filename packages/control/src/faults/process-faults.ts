import * as v from "valibot";
import { defineGroup, param } from "./define-fault.js";

const harness = defineGroup("process", "harness");
const stub = defineGroup("process", "stub");
const host = defineGroup("host", "host");
const IN_STREAM = ["headers", "tokens", "ms"] as const;

/** Signals that end a process, as a crash or an operator would. */
const SIGNALS = ["SIGKILL", "SIGTERM", "SIGINT", "SIGSEGV", "SIGABRT"] as const;

/** Faults of the worker process. The first two work on any program that was launched. */
export const PROCESS_FAULTS = {
  kill: harness({
    meaning: "The process gets a signal.",
    reports: "`transport-error`; the next call is `PROCESS_DIED` with the signal",
    params: { signal: v.optional(v.picklist(SIGNALS), "SIGKILL") },
    at: IN_STREAM,
    defaultAt: "after-headers",
  }),
  pause: harness({
    meaning: "The process is stopped (SIGSTOP), for `forMs` or until `resume()`; tear-down always continues it.",
    reports: "`limit-exceeded` (firstTokenMs or tokenIdleMs) unless continued in time",
    params: { forMs: param.maybeMs },
    at: IN_STREAM,
    defaultAt: "after-headers",
  }),
  exit: stub({
    meaning: "The process ends by itself with this exit code.",
    reports: "`transport-error`; the next call is `PROCESS_DIED` with the code",
    params: { code: param.integer(0, 255, 1) },
    at: ["tokens", "ms"],
    defaultAt: { afterTokens: 0 },
  }),
  "crash-on-start": stub({
    meaning: "The process ends while it starts: the first `starts` times, or every time.",
    reports: "`PROCESS_DIED` with the code",
    params: { code: param.integer(0, 255, 1), starts: param.count },
    startOnly: true,
  }),
  "never-ready": stub({ meaning: "The start never ends.", reports: "`READY_TIMEOUT`", startOnly: true }),
  "port-in-use": stub({
    meaning: "The port is taken by somebody else.",
    reports: "`PROCESS_DIED` with PORT_IN_USE",
    startOnly: true,
  }),
  "stdout-flood": stub({
    meaning: "So many bytes are written to stdout before the worker is ready.",
    reports: "nothing: the output is always drained; older log lines are dropped and counted",
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
    reports: "`stop()` reports `killed` after the grace",
    startOnly: true,
  }),
} as const;

/** Limits of the operating system that a program is started under; each is skipped with its reason where it is missing. */
export const HOST_FAULTS = {
  "open-files-limit": host({
    meaning: "The process may have only so many open files and sockets.",
    reports: "`CONNECT_FAILED` or `LIMIT_HEADERS` beyond it; the worker goes on",
    params: { limit: param.integer(16, 1_000_000, 64) },
    startOnly: true,
  }),
  "disk-full": host({
    meaning:
      "What the process writes to stderr goes to a full disk (`/dev/full`); stdout, with its ready line, does not.",
    reports: "nothing: a worker must not end because it cannot log",
    startOnly: true,
  }),
  "file-size-limit": host({
    meaning: "No file may grow beyond so many bytes, rounded up to blocks of 512.",
    reports:
      "nothing for a worker that writes no files; `PROCESS_DIED` (SIGXFSZ) for one that does, unless it ignores that signal",
    params: { bytes: param.bytes(1024 * 1024) },
    startOnly: true,
  }),
  "cpu-quota": host({
    meaning: "The process gets only so many percent of one core.",
    reports: "a slow `complete`",
    params: { percent: param.integer(1, 100, 20) },
    startOnly: true,
  }),
} as const;
