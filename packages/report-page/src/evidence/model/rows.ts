import { plural, type PageBody, type PageRequest } from "../../testkit.js";
import { showBody, sizeOf } from "./bodies.js";
import type { Moment } from "./moments.js";
import type { PageEvent } from "./page-event.js";

/** The order of rows with the same time. */
const KINDS = ["sent", "head", "bytes", "event", "body", "moment", "missing", "outcome"] as const;

/** One thing that was sent, received or noticed. */
export interface Row {
  readonly kind: (typeof KINDS)[number];
  readonly atMs: number;
  readonly label: string;
  readonly line: string;
  /** What the details show: JSON or a text. */
  readonly detail: string;
  /** Number of the event, from 0. */
  readonly event: number | null;
  /** The part of the body that completed the event, if it was kept. */
  readonly bytes: PageBody | null;
  /** Whether it is where a rule was broken. */
  readonly isViolation: boolean;
}

const PLAIN = { event: null, bytes: null, isViolation: false } as const;

/** The transcript of a request: what was sent and received, with what happened meanwhile, in order of time. */
export function listRows(exchange: PageRequest, events: readonly PageEvent[], moments: readonly Moment[]): Row[] {
  const rows: Row[] = [sentRow(exchange), ...headRows(exchange), ...byteRows(exchange)];
  const { violation } = exchange;
  for (const [index, { atMs, type, line, json }] of events.entries()) {
    const isViolation = violation?.index === index;
    rows.push({ kind: "event", atMs, label: type, line, detail: json, event: index, bytes: null, isViolation });
  }
  rows.push(...momentRows(moments), ...endRows(exchange, events));
  const rank = ({ kind }: Row): number => KINDS.indexOf(kind);
  return joinBytes(rows.sort((one, other) => one.atMs - other.atMs || rank(one) - rank(other)));
}

function sentRow({ sentAtMs, method, path, body }: PageRequest): Row {
  const size = body === null ? "no body" : plural(sizeOf(body), "byte");
  const detail = body === null ? "" : showBody(body);
  return { ...PLAIN, kind: "sent", atMs: sentAtMs, label: "sent", line: `${method} ${path} (${size})`, detail };
}

function headRows({ response, answer }: PageRequest): Row[] {
  const rows: Row[] = [];
  if (response !== null) {
    const { atMs, status, headers } = response;
    const line = `${status} ${headers["content-type"] ?? ""}`;
    rows.push({ ...PLAIN, kind: "head", atMs, label: "headers", line, detail: JSON.stringify(headers) });
  }
  if (answer !== null) {
    const detail = showBody(answer.body);
    const line = detail.slice(0, 300);
    rows.push({ ...PLAIN, kind: "body", atMs: answer.atMs, label: "body", line, detail, bytes: answer.body });
  }
  return rows;
}

function byteRows({ bytes }: PageRequest): Row[] {
  return bytes.map(([atMs, body]) => {
    const line = "no event was completed by these bytes";
    return { ...PLAIN, kind: "bytes", atMs, label: "bytes", line, detail: "", bytes: body };
  });
}

function momentRows(moments: readonly Moment[]): Row[] {
  return moments.map(({ atMs, kind, label }) => {
    return { ...PLAIN, kind: "moment", atMs, label: kind, line: label, detail: label };
  });
}

function endRows({ outcome, violation, sentAtMs, summary }: PageRequest, events: readonly PageEvent[]): Row[] {
  const atMs = outcome?.atMs ?? events.at(-1)?.atMs ?? sentAtMs;
  const rows: Row[] = [];
  if (violation !== null && violation.index >= events.length) {
    const { expected, actual, index } = violation;
    const line = `expected ${expected}, got ${actual}`;
    rows.push({
      ...PLAIN,
      kind: "missing",
      atMs,
      label: "missing",
      line,
      detail: line,
      event: index,
      isViolation: true,
    });
  }
  if (outcome === null) return rows;
  const { status, facts } = outcome;
  const line = status === summary || violation !== null ? "" : summary; // a broken rule has a row of its own
  return [...rows, { ...PLAIN, kind: "outcome", atMs, label: status, line, detail: facts }];
}

/** Puts the bytes beside the first event that they completed. */
function joinBytes(rows: readonly Row[]): Row[] {
  const joined: Row[] = [];
  for (const row of rows) {
    const last = joined.at(-1);
    if (row.kind === "event" && last?.kind === "bytes") joined[joined.length - 1] = { ...row, bytes: last.bytes };
    else joined.push(row);
  }
  return joined;
}
