import { plural } from "../numbers/index.js";
import type { ReportRequests } from "./run-report.js";

/** Whether the answers have the same length, in one sentence. */
export function describeAnswerLength(requests: ReportRequests): string {
  const { maxTokens, workload, ignoreEos, okCount, fullLengthCount } = requests;
  const isFixed = workload === undefined || /^\d+$/.test(workload.outputTokens);
  const tokens = isFixed
    ? plural(maxTokens, "token")
    : `the tokens that its request asked for (${workload.outputTokens}, at most ${maxTokens})`;
  const reason = `\`ignore_eos\` was ${ignoreEos.sent ? "" : "not "}sent: ${ignoreEos.reason}`;
  if (okCount === 0) return `no answer is complete; ${reason}`;
  if (fullLengthCount === okCount) return `every answer has ${tokens}; ${reason}`;
  const shorter = okCount - fullLengthCount;
  const verb = shorter === 1 ? "has" : "have";
  return `${shorter} of ${plural(okCount, "answer")} ${verb} other than ${tokens}; ${reason}`;
}
