import { isRecord } from "../options/index.js";
import type { EventDecoder } from "../dialects/index.js";
import type { OpenedSource } from "./stream-source.js";

type Answered = Pick<OpenedSource, "dialect" | "jobId" | "request">;

/** The decoder for a response that was requested in one piece (`"stream": false`); `undefined` for a stream. */
export function findWholeDecoder({ dialect, jobId, request }: Answered): EventDecoder | undefined {
  const { decodeAnswer } = dialect;
  if (decodeAnswer === undefined || !asksForWhole(request)) return undefined;
  return { isDone: false, push: ({ data }) => decodeAnswer(JSON.parse(data), { jobId, request }) };
}

/** Whether a response was requested, and sent, in one piece. */
export function isWholeAnswer(source: Answered, contentType: string | undefined): boolean {
  return findWholeDecoder(source) !== undefined && /^\s*application\/json\s*(;|$)/i.test(contentType ?? "");
}

function asksForWhole(request: Answered["request"]): boolean {
  const extraBody: unknown = (request as { extraBody?: unknown } | undefined)?.extraBody;
  return isRecord(extraBody) && extraBody["stream"] === false;
}
