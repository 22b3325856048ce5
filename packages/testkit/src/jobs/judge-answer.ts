import { parseJson } from "inference-worker-protocol";
import type { Dialect } from "../dialects/index.js";
import type { BodyStart, ExecuteResponse } from "../client/index.js";
import { isTestkitError } from "../errors/index.js";
import { toVisibleText, withoutHiddenValues } from "../terminal/index.js";
import type { HttpErrorOutcome, JobFacts, JobIdentity, JobOutcome } from "./job-outcome.js";

const PREVIEW_LENGTH = 300;
const LIMITS = { LIMIT_CONNECT: "connectMs", LIMIT_HEADERS: "headersMs" } as const;

/** The outcome of a job that was answered with a status other than 200. */
export async function judgeRefusal(facts: JobIdentity, response: ExecuteResponse): Promise<HttpErrorOutcome> {
  const start = await response.refusal().catch(() => undefined);
  const body = start === undefined ? undefined : parseOrKeep(start.text);
  const { status: httpStatus, dialect } = response;
  return {
    ...facts,
    timings: { ...timeAnswer(response), closedAtMs: performance.now() },
    status: "http-error",
    httpStatus,
    body,
    code: findCode(dialect, { status: httpStatus, body }),
    retryAfterSeconds: findRetryAfter(response.headers["retry-after"]),
    message: `the worker answered ${httpStatus}${describeStart(start)}`,
  };
}

/** The times of a job that are known once there is a response. */
export function timeAnswer({ sentAtMs, writtenAtMs, headersAtMs }: ExecuteResponse) {
  return { sentAtMs, writtenAtMs, headersAtMs };
}

/** The outcome of a job whose request or answer failed. */
export function judgeError(facts: JobFacts, error: unknown): JobOutcome {
  const message = toVisibleText((error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "");
  const failed = { ...facts, message, error };
  if (!isTestkitError(error)) return { ...failed, status: "transport-error" };
  const { code } = error;
  if (code === "STREAM_ABORTED") return { ...failed, status: "aborted" };
  if (code === "INVALID_RESPONSE") return { ...failed, status: "invalid-event" };
  if (code === "LIMIT_CONNECT" || code === "LIMIT_HEADERS") {
    return { ...failed, status: "limit-exceeded", limit: LIMITS[code] };
  }
  return { ...failed, status: "transport-error" };
}

function describeStart(start: BodyStart | undefined): string {
  if (start === undefined) return "";
  const cut = start.isCut ? ` (the body is cut after ${Buffer.byteLength(start.text)} bytes)` : "";
  return `: ${toVisibleText(withoutHiddenValues(start.text).slice(0, PREVIEW_LENGTH))}${cut}`;
}

function parseOrKeep(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text; // for example a proxy's error page
  }
}

/** A body that is not in the dialect, such as a proxy's error page, has no code. */
function findCode(dialect: Dialect, refusal: { readonly status: number; readonly body: unknown }): string | undefined {
  try {
    return dialect.decodeError?.(refusal).code;
  } catch {
    return undefined;
  }
}

/** RFC 9110, 10.2.3: seconds or a date. */
function findRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, (atMs - Date.now()) / 1000);
}
