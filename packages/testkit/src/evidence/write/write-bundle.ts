import { join } from "node:path";
import { stringifyJson } from "inference-worker-protocol";
import type { Finding } from "../../findings/index.js";
import type { StopReport } from "../../launch/index.js";
import { describeMachine, writeAll } from "../../system/index.js";
import { withoutHiddenValues } from "../../terminal/index.js";
import {
  FILES,
  SCHEMA_VERSION,
  type EvidenceMetadata,
  type EvidenceVerdicts,
  type RecordedFault,
  type RecordedLogLine,
  type Verdict,
  type WorkerFacts,
} from "../format.js";
import type { Subject } from "../record/subject.js";
import type { ResolvedRecordOptions } from "../record/record-options.js";
import type { Recorder } from "../record/recorder.js";
import type { SettledExchange } from "../record/settle-exchange.js";
import { writeJsonArray, writeJsonLines, type WrittenLines } from "./bounded-lines.js";
import { scrubText } from "./credentials.js";
import { describeWorker } from "./describe-worker.js";
import { writeNewFile } from "./new-file.js";
import { Redactor } from "./redactor.js";
import { scrubJson } from "./scrub-json.js";
import { listSeeds, listTimings, round } from "./timings.js";
import { createTranscript } from "./transcript.js";

/** Everything that goes into a bundle. */
export interface Evidence {
  readonly options: ResolvedRecordOptions;
  readonly recorder: Recorder;
  readonly settled: readonly SettledExchange[];
  readonly subject: Subject;
  readonly version: string | undefined;
  readonly verdicts: readonly Verdict[];
  readonly droppedVerdictCount: number;
  readonly report: StopReport | undefined;
  readonly findings: readonly Finding[];
  readonly failures: readonly unknown[];
}

/** Shares of `maxBytes`; the transcript gets the rest. */
const SHARE = 1 / 8;
/** Beyond this a verdict's message has nothing that a person would read. */
const LONGEST_MESSAGE = 16_384;

/** Writes the files. `metadata.json` is written last and marks the others as complete. */
export async function writeBundle(evidence: Evidence): Promise<void> {
  const { options, recorder, settled } = evidence;
  const redactor = new Redactor(options.redact);
  const toMs = (clockMs: number) => round(clockMs - recorder.startedAtMs);
  const path = (file: keyof typeof FILES) => join(options.folder, FILES[file]);
  const share = Math.floor(options.maxBytes * SHARE);
  const verdicts = await writeVerdicts(evidence, { redactor, path: path("verdicts"), maxBytes: share });
  const seeds = await writeJsonArray(path("seeds"), listSeeds(settled), share);
  const timings = await writeJsonArray(path("timings"), listTimings(settled, toMs), share);
  const log = await writeLog(evidence, { redactor, path: path("log"), maxBytes: share });
  const spent = verdicts + seeds.bytes + timings.bytes + log.bytes;
  const transcript = await writeJsonLines(path("transcript"), createTranscript(settled, { redactor, toMs }), {
    maxBytes: options.maxBytes - spent - 256,
    last: (droppedLineCount) => markCut(evidence, droppedLineCount),
  });
  const metadata: EvidenceMetadata = {
    schemaVersion: SCHEMA_VERSION,
    dialect: evidence.subject.dialect.name,
    createdAt: recorder.startedAt.toISOString(),
    testName: options.testName === undefined ? undefined : redactor.freeText(options.testName),
    redacted: options.redact,
    worker: scrubJson(await redactedFacts(evidence, redactor)) as WorkerFacts,
    machine: describeMachine(),
    transcript: { lineCount: transcript.lineCount, droppedLineCount: transcript.droppedCount },
    dropped: { seeds: seeds.droppedCount, timings: timings.droppedCount, logLines: log.droppedCount },
  };
  await writeText(path("metadata"), `${JSON.stringify(metadata, undefined, 2)}\n`);
}

function markCut({ recorder, settled }: Evidence, droppedLineCount: number): unknown {
  const cutCount = settled.filter(({ exchange }) => exchange.isCut).length;
  const droppedBodyCount = cutCount + recorder.droppedCount;
  return droppedLineCount + droppedBodyCount === 0 ? undefined : { kind: "cut", droppedLineCount, droppedBodyCount };
}

interface Target {
  readonly redactor: Redactor;
  readonly path: string;
  readonly maxBytes: number;
}

async function writeVerdicts(evidence: Evidence, { redactor, path, maxBytes }: Target): Promise<number> {
  const { report, failures } = evidence;
  const shown = evidence.verdicts.map((verdict): Verdict => {
    const { message } = verdict;
    return {
      ...verdict,
      name: scrubText(verdict.name),
      message: message === undefined ? undefined : cut(redactor.freeText(message)),
    };
  });
  const describe = (verdicts: readonly Verdict[]): EvidenceVerdicts => ({
    verdicts,
    droppedCount: evidence.droppedVerdictCount + shown.length - verdicts.length,
    faults: scrubJson(listFaults(evidence)) as EvidenceVerdicts["faults"],
    findings: evidence.findings.map((finding) => ({ ...finding, message: cut(redactor.freeText(finding.message)) })),
    stop: report === undefined ? undefined : describeStop(report, redactor),
    failures: failures
      .map((failure) => redactor.error(failure))
      .map((error) => ({ ...error, message: cut(error.message) })),
  });
  let text = stringifyJson(describe(shown));
  for (let kept = shown; text.length * 3 > maxBytes && kept.length > 0;) {
    kept = kept.slice(0, kept.length >> 1);
    text = stringifyJson(describe(kept));
  }
  await writeText(path, `${text}\n`);
  return Buffer.byteLength(text) + 1;
}

function listFaults({ subject, recorder }: Evidence): RecordedFault[] {
  return subject.faultAccounts().map((account) => {
    const atMs = subject.faultFiredAtMs(account.key);
    return { ...account, firedAtMs: atMs === undefined ? undefined : round(atMs - recorder.startedAtMs) };
  });
}

function writeText(path: string, text: string): Promise<void> {
  return writeNewFile(path, (file) => writeAll(file, Buffer.from(withoutHiddenValues(text))));
}

function cut(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)} …`;
}

function describeStop({ survivors, tookMs, ...report }: StopReport, redactor: Redactor): unknown {
  const left = survivors.map(({ pid, command }) => ({ pid, command: redactor.freeText(command) }));
  return { ...report, survivors: left, tookMs: round(tookMs) };
}

/** The last lines matter most. */
async function writeLog({ subject, recorder }: Evidence, { redactor, path, maxBytes }: Target): Promise<WrittenLines> {
  const zeroMs = recorder.startedAt.getTime();
  const lines = subject.logs().flatMap(({ lines: kept }, index) =>
    kept.map(({ stream, text, atMs }): RecordedLogLine => {
      return { start: index + 1, stream, atMs: atMs - zeroMs, text: redactor.logLine(text) };
    }),
  );
  const ringDropped = subject.logs().reduce((sum, { droppedCount }) => sum + droppedCount, 0);
  let [first, room] = [lines.length, maxBytes];
  for (; first > 0; first -= 1) {
    room -= Buffer.byteLength(JSON.stringify(lines[first - 1])) + 1;
    if (room < 0) break;
  }
  const written = await writeJsonLines(path, lines.slice(first), { maxBytes });
  return { ...written, droppedCount: written.droppedCount + first + ringDropped };
}

async function redactedFacts({ subject, version, options }: Evidence, redactor: Redactor): Promise<WorkerFacts> {
  const facts = await describeWorker(subject, { version, hashModel: options.hashModel });
  return facts.args === undefined ? facts : { ...facts, args: redactor.args(facts.args) };
}
