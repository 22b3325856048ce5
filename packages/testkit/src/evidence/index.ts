export { writeCurlLine } from "./curl-line.js";
export { readEvidence, replay, type EvidenceBundle } from "./read/read-evidence.js";
export { BUNDLE_OPTIONS, RECORD_OPTIONS, type RecordOptions } from "./record/record-options.js";
export { Recording, type StopResult } from "./record/recording.js";
export { Recorder } from "./record/recorder.js";
export type { Exchange } from "./record/exchange.js";
export type { Slice } from "./record/mask-slices.js";
export { scrubText } from "./write/credentials.js";
export { describeWorker } from "./write/describe-worker.js";
export type { Subject } from "./record/subject.js";
export type {
  EvidenceMetadata,
  RecordedBody,
  RecordedFault,
  RecordedLogLine,
  TranscriptLine,
  Verdict,
  WorkerFacts,
} from "./format.js";
export { RecordedJob } from "./read/recorded-job.js";
