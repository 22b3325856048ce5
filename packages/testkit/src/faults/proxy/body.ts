import type { IncomingMessage } from "node:http";
import type { FaultHit } from "inference-worker-protocol";
import { isFraming, isHead, isPace, isPoint, needsEvents } from "./fault-ids.js";
import { rewriteEvents } from "./framing-faults.js";
import { changeHead, type Answer } from "./head-faults.js";
import { withoutHeaders } from "./headers.js";
import { pace } from "./pace-faults.js";
import { NO_BYTES, type Pieces } from "./pieces.js";
import type { BodyContext } from "./point.js";
import { breakAtPoint } from "./point-faults.js";
import { SseSplitter } from "./sse-splitter.js";
import { headOf, type UpstreamBreak } from "./upstream.js";

/** Leaves out the faults that need events, when the answer has none. */
export function chooseFitting(incoming: IncomingMessage, hits: readonly FaultHit[]): readonly FaultHit[] {
  if (isEventStream(incoming)) return hits;
  const strangers = hits.filter(needsEvents);
  for (const hit of strangers) hit.bypass(`the worker answered ${incoming.statusCode} without an event stream`);
  return hits.filter((hit) => !strangers.includes(hit));
}

/** The worker's answer, its head already changed by the faults. Its length is left out: faults may change it. */
export async function shapeHead(
  incoming: IncomingMessage,
  hits: readonly FaultHit[],
  context: BodyContext & { readonly toBreak: (error: unknown) => UpstreamBreak },
): Promise<Answer> {
  const head = headOf(incoming);
  let answer: Answer = {
    head: { ...head, headers: withoutHeaders(head.headers, ["content-length"]) },
    pieces: readPieces(incoming, context.toBreak),
  };
  for (const hit of hits.filter(isHead)) answer = await changeHead(answer, hit, context);
  return answer;
}

/** The body with its faults: first how events are written, then what happens at a point, at last when the bytes are sent. */
export function buildBody(pieces: Pieces, hits: readonly FaultHit[], context: BodyContext): Pieces {
  const rewritten = hits.filter(isFraming).reduce((body, hit) => rewriteEvents(body, hit), pieces);
  const broken = hits.filter(isPoint).reduce((body, hit) => breakAtPoint(body, hit, context), rewritten);
  return hits.filter(isPace).reduce((body, hit) => pace(body, hit, context), broken);
}

async function* readPieces(incoming: IncomingMessage, toBreak: (error: unknown) => UpstreamBreak): Pieces {
  const splitter = isEventStream(incoming) ? new SseSplitter() : undefined;
  try {
    for await (const chunk of incoming) yield* splitter?.split(chunk as Buffer) ?? [{ bytes: chunk as Buffer }];
  } catch (error) {
    yield { bytes: NO_BYTES, ending: toBreak(error).how };
  }
}

export function isEventStream({ headers }: IncomingMessage): boolean {
  return headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() === "text/event-stream";
}
