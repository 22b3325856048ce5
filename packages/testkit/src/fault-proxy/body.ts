import type { FaultHit } from "worker-orcd-control";
import type { Dialect } from "../dialects/index.js";
import { isEventStream, type Answer, type AnswerHead } from "./answer.js";
import { needsEvents } from "./fault-ids.js";
import { isFraming, reframe } from "./framing-faults.js";
import { changeHead, isHead } from "./head-faults.js";
import { isPace, pace } from "./pace-faults.js";
import type { Pieces } from "./pieces.js";
import type { BodyContext } from "./point.js";
import { breakAtPoint, isPoint } from "./point-faults.js";

/** Filters out the faults that need events, or a format, that the answer does not have. */
export function chooseFitting(head: AnswerHead, hits: readonly FaultHit[], dialect: Dialect): readonly FaultHit[] {
  const isStream = isEventStream(head, dialect);
  if (isStream && dialect.capabilities.framing === "sse") return hits;
  const misplaced = hits.filter((hit) => (isStream ? needsServerSentEvents(hit) : needsEvents(hit)));
  const got = isStream ? "a stream of JSON lines" : `${head.status} without an event stream`;
  for (const hit of misplaced) hit.bypass(`the answer was ${got}`);
  return hits.filter((hit) => !misplaced.includes(hit));
}

/** Whether a fault writes or rewrites the Server-Sent Events format. */
function needsServerSentEvents(hit: FaultHit): boolean {
  return isFraming(hit) || ["comments-only", "huge-event", "endless-line"].includes(hit.fault.id);
}

/** Applies the header faults. */
export async function shapeHead(given: Answer, hits: readonly FaultHit[], context: BodyContext): Promise<Answer> {
  let answer = given;
  for (const hit of hits.filter(isHead)) answer = await changeHead(answer, hit, context);
  return answer;
}

/** The body with its faults applied: first event framing, then faults at a point, then pacing. */
export function buildBody(pieces: Pieces, hits: readonly FaultHit[], context: BodyContext): Pieces {
  const framed = reframe(pieces, hits.filter(isFraming));
  const broken = hits.filter(isPoint).reduce((body, hit) => breakAtPoint(body, hit, context), framed);
  return hits.filter(isPace).reduce((body, hit) => pace(body, hit, context), broken);
}
