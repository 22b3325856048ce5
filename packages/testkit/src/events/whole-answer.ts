import { isRecord } from "../options/index.js";
import type { EventDecoder } from "../dialects/index.js";
import type { OpenedSource } from "./stream-source.js";

type Answered = Pick<OpenedSource, "dialect" | "jobId" | "request">;

/** Decodes the answer to a request that asked for one in one piece; undefined for a stream. */
export function findWholeDecoder({ dialect, jobId, request }: Answered): EventDecoder | undefined {
  const { decodeAnswer } = dialect;
  if (decodeAnswer === undefined || !asksForWhole(request)) return undefined;
  return { isDone: false, push: ({ data }) => decodeAnswer(JSON.parse(data), { jobId, request }) };
}

/** Whether a response is such an answer. */
export function isWholeAnswer(source: Answered, contentType: string | undefined): boolean {
  return findWholeDecoder(source) !== undefined && /^\s*application\/json\s*(;|$)/i.test(contentType ?? "");
}

function asksForWhole(request: Answered["request"]): boolean {
  const extraBody: unknown = (request as { extraBody?: unknown } | undefined)?.extraBody;
  return isRecord(extraBody) && extraBody["stream"] === false;
}
