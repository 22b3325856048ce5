import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringifyJson } from "inference-worker-protocol";
import { FILES, type EvidenceMetadata, type EvidenceVerdicts } from "../../src/evidence/format.js";

/** A job of a sample bundle. Everything has a usual value. */
export interface SampleJob {
  readonly jobId?: string;
  readonly tokenCount?: number;
  /** Index of the token that is numbered one too high, as are those after it. */
  readonly gapAt?: number;
  readonly text?: (index: number) => string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** Ms between two tokens. */
  readonly itlMs?: number;
  /** The stream ends without a terminal event. */
  readonly isTruncated?: boolean;
  /** The reader left. */
  readonly abortedFor?: string;
  /** Refused with this status. */
  readonly refused?: number;
  readonly isCut?: boolean;
  /** The bytes of each event are kept. */
  readonly withBytes?: boolean;
}

/** What a sample bundle has besides its jobs. */
export interface SampleParts {
  readonly metadata?: Partial<EvidenceMetadata>;
  readonly verdicts?: Partial<EvidenceVerdicts>;
  readonly log?: readonly string[];
  readonly cut?: { readonly droppedLineCount: number; readonly droppedBodyCount: number };
}

type Line = Readonly<Record<string, unknown>> & { readonly atMs: number };

/** Writes a bundle without a worker. */
export async function writeSampleBundle(
  folder: string,
  jobs: readonly SampleJob[],
  { metadata = {}, verdicts = {}, log = ['{"event":"startup"}'], cut }: SampleParts = {},
): Promise<string> {
  const lines: unknown[] = jobs.flatMap((job, index) => linesOf(job, index));
  if (cut !== undefined) lines.push({ kind: "cut", ...cut });
  const logLines = log.map((text, index) => ({ start: 1, stream: "stdout", atMs: index * 10 - 20, text }));
  const files = {
    [FILES.transcript]: toLines(lines),
    [FILES.log]: toLines(logLines),
    [FILES.seeds]: stringifyJson(jobs.map((_, index) => ({ request: index + 1, reported: 18446744073709551615n }))),
    [FILES.timings]: "[]",
    [FILES.verdicts]: stringifyJson({
      verdicts: [],
      droppedCount: 0,
      faults: [],
      findings: [],
      failures: [],
      ...verdicts,
    }),
    [FILES.metadata]: JSON.stringify({ ...METADATA, transcript: { lineCount: lines.length, droppedLineCount: cut?.droppedLineCount ?? 0 }, ...metadata }), // prettier-ignore
  };
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const METADATA = {
  schemaVersion: 1,
  dialect: "orcd",
  createdAt: "2026-01-02T03:04:05.678Z",
  testName: "streams > in order",
  redacted: { prompts: false, text: false, log: false },
  worker: { id: "worker-1", url: "http://127.0.0.1:8080", command: "/bin/worker", args: ["--port", "0", "a b"], pid: 7, readyAfterMs: 12.5 }, // prettier-ignore
  machine: { cpu: "a processor", cores: 2, memoryBytes: 1024, platform: "linux-x64", release: "6", node: "20.19.0" },
  dropped: { seeds: 0, timings: 0, logLines: 0 },
} as const;

function toLines(values: readonly unknown[]): string {
  return values.map((value) => `${stringifyJson(value)}\n`).join("");
}

function linesOf(job: SampleJob, index: number): Line[] {
  const { jobId = `job-${index + 1}`, refused, isCut = false } = job;
  const facts = { request: index + 1, jobId };
  const startMs = index * 100;
  const body = { json: job.body ?? { job_id: jobId, prompt: "Hello", seed: 18446744073709551615n } };
  const headers = { "content-type": "application/json", ...job.headers };
  const sent = { kind: "request", ...facts, atMs: startMs, isJob: true, method: "POST", path: job.path ?? "/execute", headers, body }; // prettier-ignore
  if (isCut) return [sent];
  const status = refused ?? 200;
  const type = refused === undefined ? "text/event-stream" : "application/json";
  const head = { kind: "response", ...facts, atMs: startMs + 2, status, headers: { "content-type": type } };
  if (refused === undefined) return [sent, head, ...streamLines(job, facts, startMs)];
  const answer = { kind: "body", ...facts, atMs: startMs + 3, json: { code: "QUEUE_FULL", message: "full" } };
  return [sent, head, answer, { kind: "outcome", ...facts, atMs: startMs + 3, outcome: { status: "answered" } }];
}

function streamLines(job: SampleJob, facts: object, startMs: number): Line[] {
  const { tokenCount = 3, gapAt = Infinity, text = (at: number) => ` w${at}`, itlMs = 5 } = job;
  const events: Line[] = [];
  const add = (atMs: number, event: object): void => {
    if (job.withBytes === true)
      events.push({ kind: "bytes", ...facts, atMs, text: `data: ${JSON.stringify(event)}\n\n` });
    events.push({ kind: "event", ...facts, atMs, event });
  };
  add(startMs + 4, { type: "started", job_id: (facts as { jobId: string }).jobId, model: "stub", started_at: "2026-01-02T03:04:05Z", seed: 42 }); // prettier-ignore
  for (let at = 0; at < tokenCount; at += 1) {
    add(startMs + 10 + at * itlMs, { type: "token", t: text(at), i: at < gapAt ? at : at + 1 });
  }
  const endMs = startMs + 10 + tokenCount * itlMs;
  const isOpen = job.isTruncated === true || job.abortedFor !== undefined;
  if (!isOpen) add(endMs, { type: "end", tokens_out: tokenCount, decode_time_ms: 1, stop_reason: "max_tokens" });
  const outcome = describeOutcome(job);
  const counts = { bytes: 100, commentCount: 0, ignoredLineCount: 0, unterminatedBytes: 0, unterminatedText: "" };
  const stream = { ...counts, startedAtMs: startMs + 2, endedAtMs: endMs };
  return [...events, { kind: "outcome", ...facts, atMs: endMs, outcome, stream }];
}

function describeOutcome({ isTruncated = false, abortedFor }: SampleJob): object {
  if (abortedFor !== undefined) return { status: "aborted", reason: abortedFor };
  return isTruncated ? { status: "truncated", endedBy: "close" } : { status: "complete" };
}
