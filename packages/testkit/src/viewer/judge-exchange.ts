import { describeOutcome, findOrderViolation } from "../events/index.js";
import type { RecordedJob } from "../evidence/index.js";
import type { PageStatus, PageViolation } from "./page-data.js";

/** What follows from how a request ended. */
export interface Judgement {
  readonly status: PageStatus;
  readonly summary: string;
  readonly violation: PageViolation | null;
}

type OrderRule = NonNullable<ReturnType<typeof findOrderViolation>>["rule"];

/** Rules that every stream breaks which its reader left early. */
const ABOUT_THE_END: readonly OrderRule[] = ["empty", "no-terminal", "outcome"];

/** Judges a job as the assertions do: by the rules of event order, then by how its stream ended. */
export function judgeJob(job: RecordedJob): Judgement {
  const { outcome, httpStatus } = job;
  if (outcome === undefined) return judged("warn", "the bundle had no room for all of it");
  if (!job.hasStream) return judgeAnswer(outcome.status, httpStatus);
  const { stream } = job;
  const { status } = stream.outcome;
  const found = findOrderViolation(stream);
  const isLeft = status === "aborted" && found !== undefined && ABOUT_THE_END.includes(found.rule);
  if (found !== undefined && !isLeft) {
    const { rule, index, expected, actual } = found;
    const summary = `event ${index} of ${stream.events.length}: expected ${expected}, got ${actual}`;
    return { ...judged("fail", summary), violation: { rule, index, expected, actual } };
  }
  const summary = describeOutcome(stream.outcome).replace(/^it (?:is|was) /, "");
  return judged(status === "complete" ? "ok" : "warn", summary);
}

/** Judges an answer that is not a stream of events. */
export function judgeAnswer(status: string, httpStatus: number | undefined): Judgement {
  if (status === "no-answer") return judged("fail", "no answer arrived");
  if (status === "broken") return judged("fail", "the connection broke before the whole answer had arrived");
  const isOk = httpStatus !== undefined && httpStatus < 400;
  const unread = status === "unread" ? ", its body was not read" : "";
  return judged(isOk ? "ok" : "warn", `answered with status ${httpStatus ?? "unknown"}${unread}`);
}

function judged(status: PageStatus, summary: string): Judgement {
  return { status, summary, violation: null };
}
