import { FAULTS } from "worker-orcd-control";
import { assertEventOrder, type ExecuteOptions, type StreamOptions } from "inference-testkit";
import type { FaultSpec, ProxyFaultId } from "inference-testkit/faults";
import { expect, test } from "vitest";
import { breakOn, PROXY_IDS, runJob, textOf, tokenCountOf, useStub, type JobResult } from "./support.js";

/** A script with characters of several bytes and with quotes, so that every fault has something to break. */
const SCRIPT = ["naïve", " ", "日本", "🎉", ' "q"', ",[", "{\\", "e", "f", "g"];
const worker = useStub({ content: { script: SCRIPT } });

interface Case {
  readonly fault: FaultSpec<ProxyFaultId>;
  /** How the job ends. */
  readonly status: string | RegExp;
  readonly options?: StreamOptions;
  readonly execute?: ExecuteOptions;
  /** What else the framework says. */
  readonly also?: (result: JobResult) => void;
}

const TEXT = SCRIPT.join("");
const isWhole = ({ stream }: JobResult) => expect(textOf(stream)).toBe(TEXT);
const hasTokens = (count: number) => (result: JobResult) => expect(tokenCountOf(result.stream)).toBe(count);
const hasText =
  (pieces: readonly string[], violation: string) =>
  ({ stream }: JobResult) => {
    expect(textOf(stream)).toBe(pieces.join(""));
    expect(() => assertEventOrder(stream ?? [])).toThrow(violation);
  };
const says = (text: string) => (result: JobResult) => expect(result.message).toContain(text);
const tookAtLeast = (ms: number) => (result: JobResult) => {
  isWhole(result);
  expect(result.tookMs).toBeGreaterThanOrEqual(ms);
};
const SHORT = { tokenIdleMs: 100 };

const CASES: Readonly<Record<ProxyFaultId, Case>> = {
  refuse: { fault: { id: "refuse" }, status: "CONNECT_FAILED", also: says("cause: ECONNREFUSED") },
  "accept-then-fin": { fault: { id: "accept-then-fin" }, status: "CONNECT_FAILED" },
  "accept-then-rst": { fault: { id: "accept-then-rst" }, status: "CONNECT_FAILED" },
  "accept-then-hang": {
    fault: { id: "accept-then-hang" },
    status: "LIMIT_HEADERS",
    execute: { timeouts: { headersMs: 100 } },
  },
  garbage: { fault: { id: "garbage" }, status: "INVALID_RESPONSE", also: says("is not HTTP") },
  status: { fault: { id: "status", retryAfter: 1 }, status: "HTTP_FAILED", also: says("got HTTP 503") },
  "headers-delay": {
    fault: { id: "headers-delay", ms: 5_000 },
    status: "LIMIT_HEADERS",
    execute: { timeouts: { headersMs: 1_000 } },
  },
  "changed-status": { fault: { id: "changed-status", code: 502 }, status: "HTTP_FAILED", also: says("got HTTP 502") },
  "missing-header": { fault: { id: "missing-header" }, status: "INVALID_RESPONSE" },
  "wrong-content-type": {
    fault: { id: "wrong-content-type" },
    status: "INVALID_RESPONSE",
    also: says("got `application/octet-stream`"),
  },
  "html-200": { fault: { id: "html-200" }, status: "INVALID_RESPONSE", also: says("<!doctype html>") },
  "huge-header": { fault: { id: "huge-header" }, status: "INVALID_RESPONSE", also: says("too large") },
  redirect: { fault: { id: "redirect" }, status: "HTTP_FAILED", also: says("got HTTP 307") },
  "wrong-length": { fault: { id: "wrong-length" }, status: "transport-error", also: isWhole },
  "bad-chunk": {
    fault: { id: "bad-chunk", at: { afterTokens: 2 } },
    status: "transport-error",
    also: (result) => {
      hasTokens(2)(result);
      expect(result.stream?.outcome).toMatchObject({ code: "HTTPParserError" });
    },
  },
  "gzip-bomb": { fault: { id: "gzip-bomb" }, status: "INVALID_RESPONSE", also: says("content-encoding: gzip") },

  rst: {
    fault: { id: "rst", at: { afterTokens: 3 } },
    status: "transport-error",
    also: (result) => {
      hasTokens(3)(result);
      expect(result.stream?.outcome).toMatchObject({ code: "ECONNRESET" });
    },
  },
  fin: {
    fault: { id: "fin", at: { afterTokens: 3 } },
    status: "transport-error",
    also: (result) => {
      hasTokens(3)(result);
      expect(result.stream?.outcome).toMatchObject({ code: "UND_ERR_SOCKET" });
    },
  },
  "clean-end": { fault: { id: "clean-end", at: { afterTokens: 3 } }, status: "truncated", also: hasTokens(3) },
  "clean-end-mid-event": {
    fault: { id: "clean-end-mid-event" },
    status: "truncated",
    also: (result) => {
      hasTokens(1)(result);
      expect(result.stream?.unterminatedBytes).toBeGreaterThan(0);
    },
  },
  "terminal-then-hang": {
    fault: { id: "terminal-then-hang" },
    status: "complete",
    options: { graceMs: 150 },
    also: tookAtLeast(150),
  },
  "terminal-then-rst": {
    fault: { id: "terminal-then-rst" },
    status: "transport-error",
    also: (result) => {
      isWhole(result);
      expect(result.stream?.outcome).toMatchObject({ code: "ECONNRESET" });
    },
  },
  "reset-at-close": { fault: { id: "reset-at-close" }, status: "complete", also: isWhole },
  stall: {
    fault: { id: "stall", at: { afterTokens: 2 } },
    status: "limit-exceeded tokenIdleMs",
    options: SHORT,
    also: hasTokens(2),
  },
  "comments-only": {
    fault: { id: "comments-only", at: { afterTokens: 2 } },
    status: "limit-exceeded tokenIdleMs",
    options: SHORT,
    also: ({ stream }) => expect(stream?.commentCount).toBeGreaterThan(0),
  },
  buffered: { fault: { id: "buffered" }, status: "complete", also: isWhole },
  drip: { fault: { id: "drip", bytes: 20, everyMs: 5 }, status: "complete", also: tookAtLeast(150) },
  bandwidth: { fault: { id: "bandwidth", bytesPerSec: 4_000 }, status: "complete", also: tookAtLeast(150) },
  latency: { fault: { id: "latency", ms: 100, jitterMs: 20 }, status: "complete", also: tookAtLeast(80) },
  "limit-bytes": {
    fault: { id: "limit-bytes", bytes: 200 },
    status: "transport-error",
    also: ({ stream }) => expect(stream?.outcome).toMatchObject({ byteOffset: 200 }),
  },

  crlf: { fault: { id: "crlf" }, status: "complete", also: isWhole },
  cr: { fault: { id: "cr" }, status: "complete", also: isWhole },
  mixed: { fault: { id: "mixed" }, status: "complete", also: isWhole },
  bom: { fault: { id: "bom" }, status: "complete", also: isWhole },
  "split-utf8": { fault: { id: "split-utf8" }, status: "complete", also: isWhole },
  "split-crlf": { fault: { id: "split-crlf" }, status: "complete", also: isWhole },
  "invalid-utf8": {
    fault: { id: "invalid-utf8" },
    status: "complete",
    also: ({ stream }) => expect(textOf(stream)).toBe(`\ufffd${TEXT}`),
  },
  "drop-event": {
    fault: { id: "drop-event" },
    status: "complete",
    also: hasText(["naïve", ...SCRIPT.slice(2)], "expected a token with i=1, got token i=2"),
  },
  "repeat-event": {
    fault: { id: "repeat-event" },
    status: "complete",
    also: hasText(["naïve", " ", ...SCRIPT.slice(1)], "expected a token with i=2, got token i=1"),
  },
  "swap-events": {
    fault: { id: "swap-events" },
    status: "complete",
    also: hasText(["naïve", "日本", " ", ...SCRIPT.slice(3)], "expected a token with i=1, got token i=2"),
  },
  "merge-events": { fault: { id: "merge-events" }, status: "invalid-event", also: hasTokens(1) },
  "split-event": { fault: { id: "split-event" }, status: "invalid-event", also: hasTokens(1) },
  "no-final-blank": {
    fault: { id: "no-final-blank" },
    status: "truncated",
    also: (result) => {
      hasTokens(10)(result);
      expect(result.stream?.unterminatedText).toMatch(/^event: end\n/);
    },
  },
  "huge-event": { fault: { id: "huge-event", at: { afterTokens: 2 } }, status: "limit-exceeded eventBytes" },
  "endless-line": { fault: { id: "endless-line" }, status: "limit-exceeded eventBytes" },
  retry: {
    fault: { id: "retry", ms: 1_234 },
    status: "complete",
    also: (result) => {
      isWhole(result);
      expect(result.stream?.retryMs).toBe(1_234);
    },
  },
  "multi-line-json": { fault: { id: "multi-line-json" }, status: "complete", also: isWhole },
};

/** What the catalogue says a fault is reported as. */
const REPORTED: Readonly<Record<string, string>> = { HTTP_FAILED: "http-error" };

test("there is a case for every proxy fault", () => {
  expect(Object.keys(CASES)).toEqual(PROXY_IDS);
});

test.each(PROXY_IDS)("%s happens and is reported as in the catalogue", async (id) => {
  const { fault, status, options, execute, also } = CASES[id];
  const proxy = await breakOn(worker(), fault);
  const result = await runJob(proxy.worker, { jobId: `job-${id}`, ...options }, execute);

  expect(result.status).toMatch(status);
  expect(FAULTS[id].reports).toContain(REPORTED[result.status] ?? result.status.split(" ")[0]);
  expect(FAULTS[id].reports).toContain(result.status.split(" ")[1] ?? "");
  also?.(result);
  await proxy.stop(); // every fault has fired, or this fails
  expect(proxy.faults.accounts()).toMatchObject([{ key: `${id}#1`, id, matched: 1, fired: 1, bypassed: {} }]);
});
