import { join } from "node:path";
import { InvalidOptionError } from "../../errors/index.js";
import type { CollectedStream } from "../../events/index.js";
import {
  FILES,
  SCHEMA_VERSION,
  type EvidenceMetadata,
  type EvidenceVerdicts,
  type RecordedLogLine,
  type RecordedSeed,
  type RecordedTimings,
  type TranscriptLine,
} from "../format.js";
import { createInvalid, isObject, readJsonFile, readJsonLines } from "./bundle-files.js";
import { parseLine } from "./parse-line.js";
import { RecordedJob, type RequestLine } from "./recorded-job.js";

/** The contents of a bundle. */
export interface EvidenceBundle {
  readonly metadata: EvidenceMetadata;
  /** Every request that ran a job, in sending order. */
  readonly jobs: readonly RecordedJob[];
  readonly transcript: readonly TranscriptLine[];
  readonly verdicts: EvidenceVerdicts;
  readonly seeds: readonly RecordedSeed[];
  readonly timings: readonly RecordedTimings[];
  readonly log: readonly RecordedLogLine[];
}

/**
 * Reads a bundle that `recordTo()` has written.
 *
 * @throws {EVIDENCE_INVALID} not a bundle, an incomplete one, or one of a newer version; the message names the file and the line.
 * @example
 * const { jobs } = await readEvidence("evidence/job-1");
 * assertSuccessfulCompletion(jobs[0].stream);
 */
export async function readEvidence(folder: string): Promise<EvidenceBundle> {
  const metadata = await readMetadata(folder);
  const transcript = await readTranscript(folder, metadata);
  return {
    metadata,
    jobs: findJobs(transcript),
    transcript,
    verdicts: (await readJsonFile(folder, FILES.verdicts)) as EvidenceVerdicts,
    seeds: (await readJsonFile(folder, FILES.seeds)) as RecordedSeed[],
    timings: (await readJsonFile(folder, FILES.timings)) as RecordedTimings[],
    log: (await readJsonLines(folder, FILES.log)).map(({ value }) => value as RecordedLogLine),
  };
}

/**
 * The recorded streams of a bundle, for assertions without a worker; requests whose answer was not an event stream are left out.
 *
 * @param jobId only those of this job.
 * @throws {INVALID_OPTION} no request had that id. @throws {EVIDENCE_INVALID} see {@link readEvidence}; also a truncated stream.
 * @example for (const stream of await replay("evidence/job-1")) assertEventOrder(stream);
 */
export async function replay(folder: string, jobId?: string): Promise<CollectedStream[]> {
  const { jobs } = await readEvidence(folder);
  const chosen = jobId === undefined ? jobs : jobs.filter((job) => job.jobId === jobId);
  if (chosen.length === 0 && jobId !== undefined) {
    throw new InvalidOptionError({ message: `Expected \`jobId\` to be a job of ${folder}, got \`${jobId}\`` });
  }
  return chosen.filter((job) => job.hasStream || job.outcome === undefined).map((job) => job.stream);
}

async function readMetadata(folder: string): Promise<EvidenceMetadata> {
  const value = await readJsonFile(folder, FILES.metadata);
  const file = join(folder, FILES.metadata);
  const version = isObject(value) ? value["schemaVersion"] : undefined;
  if (typeof version !== "number")
    throw createInvalid({ file }, "has no `schemaVersion`: this is not an evidence bundle");
  if (version > SCHEMA_VERSION) {
    throw createInvalid({ file }, `is of version ${version}; this inference-testkit reads up to ${SCHEMA_VERSION}`);
  }
  const { transcript } = value as { readonly transcript?: unknown };
  if (!isObject(transcript) || typeof transcript["lineCount"] !== "number") {
    throw createInvalid({ file }, "`transcript.lineCount` is missing or has the wrong type");
  }
  return value as EvidenceMetadata;
}

async function readTranscript(folder: string, metadata: EvidenceMetadata): Promise<TranscriptLine[]> {
  const lines = await readJsonLines(folder, FILES.transcript);
  const { lineCount } = metadata.transcript;
  if (lines.length !== lineCount) {
    const place = { file: join(folder, FILES.transcript), line: lines.length };
    throw createInvalid(place, `ends with line ${lines.length}, ${FILES.metadata} says that there are ${lineCount}`);
  }
  return lines.map(({ value, place }) => parseLine(value, place));
}

function findJobs(transcript: readonly TranscriptLine[]): RecordedJob[] {
  const byRequest = new Map<number, RequestLine[]>();
  for (const line of transcript) {
    if (line.kind === "cut") continue;
    const lines = byRequest.get(line.request);
    if (lines === undefined) byRequest.set(line.request, [line]);
    else lines.push(line);
  }
  const ofJobs = [...byRequest.values()].filter(([first]) => first?.kind === "request" && first.isJob);
  return ofJobs.map((lines) => new RecordedJob(lines));
}
