import { definitionOf, type FaultId, type ResolvedFault } from "worker-orcd-control";

/** How a job ended. */
export interface JobEnd {
  /**
   * A text for the reasons, e.g. `ended with stop_sequence`, `ended with error CANCELLED`, `lost its
   * client`.
   */
  readonly how: string;
  /** Number of generated tokens, if known. */
  readonly generated: number | undefined;
}

interface EndedJob extends JobEnd {
  readonly tokenCount: number;
  /** The fault that ended the job first. */
  readonly earlier: string | undefined;
}

/** Why a fault without a point did not happen. */
const REASONS: Partial<Record<FaultId, string>> = {
  "ignores-stop": "no stop sequence occurred",
  "ignores-cancel": "the job was not cancelled",
  "ignores-disconnect": "the client stayed until the end",
  "slot-leak": "the job never had a slot",
  "memory-leak": "the job never ran",
  nondeterministic: "the job never ran",
  "wrong-job-id": "the job never started",
  "late-started": "the job sent no token",
  "fake-streaming": "the job sent no token",
};

/** Why a fault that was chosen for a job did not happen. */
export function reasonFor(fault: ResolvedFault, job: EndedJob): string {
  if (job.earlier !== undefined) return `an earlier fault (${job.earlier}) ended the job`;
  const known = REASONS[fault.id];
  if (known !== undefined) return known;
  const { at } = fault;
  const tokens = definitionOf(fault.id).group === "payload" ? job.tokenCount : (job.generated ?? job.tokenCount);
  const ended = `the job ${job.how} after ${tokens} ${tokens === 1 ? "token" : "tokens"}`;
  if (typeof at !== "object") return ended;
  if ("afterTokens" in at) return `${ended}, before token ${at.afterTokens}`;
  return "afterMs" in at ? `${ended}, before ${at.afterMs} ms` : ended;
}
