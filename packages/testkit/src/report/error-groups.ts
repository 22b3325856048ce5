import { shortenCode } from "../errors/index.js";
import type { RequestRecord } from "../load/index.js";

const SAMPLE_COUNT = 5;

/** Requests that failed in the same way. */
export interface ErrorGroup {
  readonly status: RequestRecord["status"];
  /** The worker's code, the limit, the fields of the request, or the HTTP status. */
  readonly code: string | null;
  readonly count: number;
  /** For a line: the worker's code, else the HTTP status, else what happened. */
  readonly label: string;
  /** When the first and the last of them were sent, in ms from the start of the phase. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The first few with different messages. */
  readonly samples: readonly Pick<RequestRecord, "index" | "jobId" | "message">[];
}

/** Groups the failed requests by status and code, most frequent first. */
export function groupErrors(records: readonly RequestRecord[]): ErrorGroup[] {
  const groups = new Map<string, RequestRecord[]>();
  for (const record of records) {
    if (record.status === "ok") continue;
    const key = JSON.stringify([record.status, codeOf(record)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  const list = [...groups.values()].map((group) => describeGroup(group));
  return list.filter((group) => group !== undefined).sort((a, b) => b.count - a.count);
}

function describeGroup(group: readonly RequestRecord[]): ErrorGroup | undefined {
  const [first] = group;
  if (first === undefined) return undefined;
  const byMessage = new Map<string | undefined, RequestRecord>();
  for (const record of group) {
    if (byMessage.size === SAMPLE_COUNT) break;
    if (!byMessage.has(record.message)) byMessage.set(record.message, record);
  }
  const samples = [...byMessage.values()].map(({ index, jobId, message }) => ({ index, jobId, message }));
  const code = codeOf(first);
  const [fromMs, toMs] = findSpan(group);
  return {
    status: first.status,
    code: code === null ? null : shortenCode(code),
    count: group.length,
    label: labelOf(first),
    ...{ fromMs, toMs, samples },
  };
}

function findSpan(group: readonly RequestRecord[]): [fromMs: number, toMs: number] {
  return group.reduce<[number, number]>(
    ([from, to], { sendMs }) => [Math.min(from, sendMs), Math.max(to, sendMs)],
    [Infinity, -Infinity],
  );
}

function labelOf({ status, code, httpStatus }: RequestRecord): string {
  const isOwnCode = status === "worker-error" || status === "http-error";
  if (code !== undefined) return shortenCode(isOwnCode ? code : `${status} ${code}`);
  return httpStatus === undefined ? status : `HTTP ${httpStatus}`;
}

function codeOf({ code, httpStatus }: RequestRecord): string | null {
  if (httpStatus !== undefined) return code === undefined ? `HTTP ${httpStatus}` : `HTTP ${httpStatus} ${code}`;
  return code ?? null;
}
