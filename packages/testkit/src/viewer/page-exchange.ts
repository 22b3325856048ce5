import type { EvidenceBundle, RecordedJob, TranscriptLine } from "../evidence/index.js";
import { judgeAnswer, judgeJob, type Judgement } from "./judge-exchange.js";
import { toJson, toPageBody } from "./page-body.js";
import type { PageRequest } from "./page-data.js";

type Line = Exclude<TranscriptLine, { kind: "cut" }>;
type LineOf<Kind extends Line["kind"]> = Extract<Line, { kind: Kind }>;

/** All requests of a bundle, in sending order: jobs, and others such as `/cancel`. */
export function toPageExchanges({ transcript, jobs, seeds }: EvidenceBundle): PageRequest[] {
  const jobOf = new Map(jobs.map((job) => [job.request, job]));
  const seedOf = new Map(seeds.map(({ request, reported }) => [request, String(reported)]));
  const lines = new Map<number, Line[]>();
  for (const line of transcript) {
    if (line.kind === "cut") continue;
    const known = lines.get(line.request);
    if (known === undefined) lines.set(line.request, [line]);
    else known.push(line);
  }
  return [...lines].map(([request, own]) => {
    const judgement = judge(own, jobOf.get(request));
    return { ...toExchange(request, own), ...judgement, seed: seedOf.get(request) ?? null };
  });
}

function judge(lines: readonly Line[], job: RecordedJob | undefined): Judgement {
  if (job !== undefined) return judgeJob(job);
  const ended = firstOf(lines, "outcome");
  const status = ended?.outcome.status ?? "unread";
  return judgeAnswer(status, firstOf(lines, "response")?.status);
}

function toExchange(request: number, lines: readonly Line[]): Omit<PageRequest, keyof Judgement | "seed"> {
  const sent = firstOf(lines, "request");
  const head = firstOf(lines, "response");
  const answer = firstOf(lines, "body");
  const ended = firstOf(lines, "outcome");
  return {
    request,
    jobId: lines[0]?.jobId ?? null,
    isJob: sent?.isJob ?? true,
    method: sent?.method ?? "",
    path: sent?.path ?? "",
    headers: sent?.headers ?? {},
    body: sent?.body === undefined ? null : toPageBody(sent.body),
    sentAtMs: sent?.atMs ?? lines[0]?.atMs ?? 0,
    response: head === undefined ? null : { status: head.status, headers: head.headers, atMs: head.atMs },
    events: lines.flatMap((line) => (line.kind === "event" ? [[line.atMs, toJson(line.event)] as const] : [])),
    bytes: lines.flatMap((line) => (line.kind === "bytes" ? [[line.atMs, toPageBody(line)] as const] : [])),
    answer: answer === undefined ? null : { atMs: answer.atMs, body: toPageBody(answer) },
    outcome: ended === undefined ? null : { status: ended.outcome.status, atMs: ended.atMs, facts: factsOf(ended) },
  };
}

function firstOf<Kind extends Line["kind"]>(lines: readonly Line[], kind: Kind): LineOf<Kind> | undefined {
  return lines.find((line): line is LineOf<Kind> => line.kind === kind);
}

function factsOf({ outcome, stream }: LineOf<"outcome">): string {
  return toJson({ ...outcome, ...(stream === undefined ? {} : { stream }) });
}
