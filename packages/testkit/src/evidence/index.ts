export type {
  EvidenceMetadata,
  EvidenceVerdicts,
  ModelFileFacts,
  RecordedBody,
  RecordedError,
  RecordedLogLine,
  RecordedOutcome,
  RecordedSeed,
  RecordedStreamFacts,
  RecordedTimings,
  Redactions,
  TranscriptLine,
  Verdict,
  VerdictStatus,
  WorkerFacts,
} from "./format.js";
export { readEvidence, replay, type EvidenceBundle } from "./read/read-evidence.js";
export type { RecordedJob } from "./read/recorded-job.js";
export { BUNDLE_OPTIONS, type RecordOptions, type RecordWhen, type RedactOptions } from "./record/record-options.js";
export { Recording, type StopResult } from "./record/recording.js";
