import type { RequestRecord } from "../load/metrics/request-record.js";

/** Every field of a record, in the order in which files have them; those that most records do not have are last. */
const FIELDS = {
  index: true,
  jobId: true,
  status: true,
  stage: true,
  client: true,
  schedMs: true,
  handOverMs: true,
  sendMs: true,
  headersMs: true,
  firstMs: true,
  lastMs: true,
  terminalMs: true,
  closeMs: true,
  tokensOut: true,
  contentEventCount: true,
  longestStallMs: true,
  httpStatus: true,
  code: true,
  message: true,
} as const satisfies Record<keyof RequestRecord, true>;

/** Their names. */
export const RECORD_FIELDS = Object.keys(FIELDS) as readonly (keyof RequestRecord)[];
