import * as v from "valibot";
import { defineGroup, param } from "./define-fault.js";

const connection = defineGroup("connection", "proxy");
const headers = defineGroup("headers", "proxy");

/** Connection faults, before any request is read. */
export const CONNECTION_FAULTS = {
  refuse: connection({
    meaning: "Nothing listens on the port until the fault is disarmed or `forMs` have passed.",
    reports: "`CONNECT_FAILED` (ECONNREFUSED)",
    params: { forMs: param.maybeMs },
  }),
  "accept-then-fin": connection({
    meaning: "The connection is accepted and closed immediately.",
    reports: "`CONNECT_FAILED`",
  }),
  "accept-then-rst": connection({
    meaning: "The connection is accepted and reset immediately.",
    reports: "`CONNECT_FAILED` (ECONNRESET)",
  }),
  "accept-then-hang": connection({
    meaning: "The connection is accepted and never answered.",
    reports: "`LIMIT_HEADERS`",
  }),
  garbage: connection({
    meaning: "The answer is invalid HTTP.",
    reports: "`INVALID_RESPONSE`",
    params: {
      text: v.optional(v.pipe(v.string(), v.minLength(1)), "\u0000\u0001 this is not HTTP\r\n"),
    },
  }),
} as const;

/** Faults of the status line and the headers of an answer. */
export const HEADER_FAULTS = {
  status: headers({
    meaning: "The proxy answers with this status without contacting the worker.",
    reports: "`http-error` with that status",
    params: {
      code: param.integer(201, 599, 503),
      body: param.text('{"code":"QUEUE_FULL","message":"injected","retriable":true}'),
      retryAfter: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    },
  }),
  "headers-delay": headers({
    meaning: "The headers are delayed by `ms`.",
    reports: "`LIMIT_HEADERS` if longer than the limit, otherwise a slow `complete`",
    params: { ms: param.ms(1_000) },
  }),
  "changed-status": headers({
    meaning:
      "The answer of the worker gets the status `code`, if it has the status `from` or `from` is left out. Its other headers and its body are kept.",
    reports: "`http-error` with that status",
    params: {
      code: param.integer(200, 599, 500),
      from: v.optional(v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599))),
    },
  }),
  "missing-header": headers({
    meaning: "The answer lacks the header `name`.",
    reports: "`INVALID_RESPONSE` without `content-type`",
    params: { name: param.headerName("content-type") },
  }),
  "wrong-content-type": headers({
    meaning: "The content type is not that of an event stream.",
    reports: "`INVALID_RESPONSE`",
    params: { type: param.otherType("application/octet-stream") },
  }),
  "html-200": headers({
    meaning: "The answer is a web page with status 200, as from a gateway.",
    reports: "`INVALID_RESPONSE` with the start of the page",
  }),
  "huge-header": headers({
    meaning: "The answer has one header of `bytes` bytes.",
    reports: "`INVALID_RESPONSE`",
    params: { bytes: param.bytes(1024 * 1024) },
  }),
  redirect: headers({
    meaning: "The answer is a redirect, which a client of a worker must not follow.",
    reports: "`http-error` 307",
    params: { location: param.headerText("/elsewhere") },
  }),
  "wrong-length": headers({
    meaning:
      "`content-length` is `missingBytes` higher than the number of bytes that are sent before the connection is closed.",
    reports: "`transport-error`",
    params: { missingBytes: param.bytes(100) },
  }),
  "bad-chunk": headers({
    meaning: "A chunk of the body has an invalid size.",
    reports: "`transport-error`",
    at: ["headers", "tokens", "bytes"],
    defaultAt: "after-headers",
  }),
  "gzip-bomb": headers({
    meaning: "The body is compressed without the client asking for it, and decompresses to `decodedBytes`.",
    reports: "`INVALID_RESPONSE`",
    params: { decodedBytes: param.bytes(64 * 1024 * 1024) },
  }),
} as const;
