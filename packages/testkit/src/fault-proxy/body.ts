import type { FaultHit } from "worker-orcd-control";
import { isEventStream, type Answer, type AnswerHead } from "./answer.js";
import { needsEvents } from "./fault-ids.js";
import { isFraming, reframe } from "./framing-faults.js";
import { changeHead, isHead } from "./head-faults.js";
import { isPace, pace } from "./pace-faults.js";
import type { Pieces } from "./pieces.js";
import type { BodyContext } from "./point.js";
import { breakAtPoint, isPoint } from "./point-faults.js";

/** Leaves out the faults that need events, when the answer has none. */
export function chooseFitting(head: AnswerHead, hits: readonly FaultHit[]): readonly FaultHit[] {
  if (isEventStream(head)) return hits;
  const misplaced = hits.filter(needsEvents);
  for (const hit of misplaced) hit.bypass(`the answer was ${head.status} without an event stream`);
  return hits.filter((hit) => !misplaced.includes(hit));
}

/** Lets the faults of the headers happen. */
export async function shapeHead(given: Answer, hits: readonly FaultHit[], context: BodyContext): Promise<Answer> {
  let answer = given;
  for (const hit of hits.filter(isHead)) answer = await changeHead(answer, hit, context);
  return answer;
}

/** The body with its faults: first how events are written, then what happens at a point, then when the bytes are sent. */
export function buildBody(pieces: Pieces, hits: readonly FaultHit[], context: BodyContext): Pieces {
  const framed = reframe(pieces, hits.filter(isFraming));
  const broken = hits.filter(isPoint).reduce((body, hit) => breakAtPoint(body, hit, context), framed);
  return hits.filter(isPace).reduce((body, hit) => pace(body, hit, context), broken);
}
