import type { FaultHit } from "worker-orcd-control";
import type { Answer, AnswerHead } from "./answer.js";
import { isIn, type ProxyFaultId } from "./fault-ids.js";
import { withoutHeaders } from "./headers.js";
import { NO_BYTES, type Pieces } from "./pieces.js";
import type { BodyContext } from "./point.js";
import { sleepUntil } from "./sleep.js";

/** The most that `wrong-length` reads of a response: it needs the length before sending anything. */
const MOST_COUNTED_BYTES = 1024 * 1024;

type Change<Id extends ProxyFaultId> = (
  answer: Answer,
  hit: FaultHit<Id>,
  context: BodyContext,
) => Answer | Promise<Answer>;

const CHANGES = {
  "headers-delay": async (answer, hit, { headersAtMs, signal }) => {
    hit.fire(); // the headers have arrived and are held back
    await sleepUntil(headersAtMs + hit.fault.params.ms, signal);
    return answer;
  },
  "changed-status": (answer, hit) => {
    const { code, from = answer.head.status } = hit.fault.params;
    if (answer.head.status !== from) {
      hit.bypass(`the answer had the status ${answer.head.status}`);
      return answer;
    }
    hit.fire();
    return { ...answer, head: { ...answer.head, status: code, statusText: undefined } };
  },
  "missing-header": (answer, hit) => {
    const { name } = hit.fault.params;
    const headers = withoutHeaders(answer.head.headers, [name]);
    if (headers.length === answer.head.headers.length) hit.bypass(`the answer had no \`${name}\``);
    else hit.fire();
    return { ...answer, head: { ...answer.head, headers } };
  },
  "reset-at-close": ({ head, pieces }) => ({ head: { ...head, keepsConnection: false }, pieces }), // the end is in pace-faults.ts
  "wrong-content-type": (answer, hit) => {
    hit.fire();
    return { ...answer, head: withHeader(answer.head, "content-type", hit.fault.params.type) };
  },
  "huge-header": (answer, hit) => {
    hit.fire();
    return { ...answer, head: withHeader(answer.head, "x-huge", "x".repeat(hit.fault.params.bytes)) };
  },
  "wrong-length": async ({ head, pieces }, hit) => {
    const bytes = await readStart(pieces);
    const length = String(bytes.length + hit.fault.params.missingBytes);
    const body = async function* (): Pieces {
      await Promise.resolve();
      yield { bytes, fires: hit, ending: "fin" };
    };
    return { head: withHeader(head, "content-length", length), pieces: body() };
  },
} as const satisfies { readonly [Id in ProxyFaultId]?: Change<Id> };

export type HeadFaultId = keyof typeof CHANGES;

/** Whether a fault changes the head of the worker's answer. */
export const isHead = isIn<HeadFaultId>(CHANGES);

/** Changes the head of the worker's answer. */
export async function changeHead(answer: Answer, hit: FaultHit<HeadFaultId>, context: BodyContext): Promise<Answer> {
  return (CHANGES[hit.fault.id] as Change<HeadFaultId>)(answer, hit, context);
}

function withHeader(head: AnswerHead, name: string, value: string): AnswerHead {
  return { ...head, headers: [...withoutHeaders(head.headers, [name]), name, value] };
}

async function readStart(pieces: Pieces): Promise<Buffer> {
  const chunks: Buffer[] = [NO_BYTES];
  let size = 0;
  for await (const { bytes } of pieces) {
    chunks.push(bytes);
    size += bytes.length;
    if (size >= MOST_COUNTED_BYTES) break;
  }
  return Buffer.concat(chunks);
}
