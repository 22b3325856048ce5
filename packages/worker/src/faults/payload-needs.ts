import type { AnswerFeature, AnswerForm } from "../jobs/index.js";
import type { PayloadFaultId } from "./payload-edits.js";

/** What a payload fault requires of a response; faults not listed work on every response. */
const NEEDS: Partial<Record<PayloadFaultId, AnswerFeature>> = {
  "unknown-type": "stream",
  "index-gap": "token-index",
  "index-repeat": "token-index",
  "wrong-job-id": "job-id",
  "two-terminals": "stream",
  "data-after-end": "stream",
  "wrong-tokens-out": "usage",
  "late-started": "started",
  "fake-streaming": "stream",
};

const MISSING: Readonly<Record<AnswerFeature, string>> = {
  stream: "is one JSON body, not a stream",
  "token-index": "has no token index",
  "job-id": "does not name its job in a frame of its own",
  usage: "has no usage",
  started: "has no frame before the first token",
};

/** Why a fault cannot happen to a response of this form; `undefined` if it can. */
export function findObstacle(id: PayloadFaultId, { dialect, features }: AnswerForm): string | undefined {
  const need = NEEDS[id];
  if (need === undefined || features.has(need)) return undefined;
  return `the answer (${dialect}) ${MISSING[need]}`;
}
