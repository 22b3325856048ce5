import type { EndEvent, InferenceEvent, TokenEvent } from "inference-worker-protocol";
import type { FaultHit, FaultIdOf } from "worker-orcd-control";
import type { EventExtra, FrameChange } from "../jobs/index.js";
import { addUnknownFrame, changeJson, changeValue, omit } from "./frame-changes.js";

type StubFaultId = FaultIdOf<"stub">;

/** An event in transit to the client. */
export interface Draft {
  readonly event: InferenceEvent;
  readonly extra?: EventExtra | undefined;
  /** Changes its encoding. */
  readonly change?: FrameChange;
  /** The original index of a token, before any edits. */
  readonly position?: number;
}

/** Context for an edit besides its draft. */
export interface EditContext {
  /** The last tokens of the other running jobs; empty if there are none. */
  readonly otherTokens: () => readonly (TokenEvent | undefined)[];
}

/** Takes one draft and returns those to send instead; the terminal event is the last one. */
export type Edit = (draft: Draft) => readonly Draft[];
type CreateEdit = (hit: FaultHit<StubFaultId>, context: EditContext) => Edit;

/** Creates the edit of each payload fault. */
const PAYLOAD_EDITS = {
  "invalid-json": changeToken(changeJson(() => "this is not JSON")),
  "truncated-json": changeToken(changeJson((json) => json.slice(0, json.length / 2))),
  "unknown-type": changeToken(addUnknownFrame),
  "missing-field": changeToken(changeValue((value, { textKey }) => omit(value, textKey))),
  "index-gap": shiftIndex(1, 0),
  "index-repeat": shiftIndex(-1, 1),
  "swap-tokens": swapTokens,
  "drop-token": atToken(() => []),
  "duplicate-token": atToken((draft) => [draft, draft]),
  "wrong-job-id": wrongJobId,
  "cross-talk": crossTalk,
  "two-terminals": atEnd((draft) => [draft, draft]),
  "data-after-end": atEnd((draft) => [draft, { event: { type: "token", t: "late", i: draft.event.tokens_out } }]),
  "wrong-tokens-out": wrongTokensOut,
  "late-started": lateStarted,
  "fake-streaming": fakeStreaming,
} as const satisfies { readonly [Id in StubFaultId]?: CreateEdit };

export type PayloadFaultId = keyof typeof PAYLOAD_EDITS;

/** Every payload fault. */
export const PAYLOAD_FAULTS = Object.keys(PAYLOAD_EDITS) as PayloadFaultId[];

/** The edit of a fault. */
export function createEdit(hit: FaultHit<PayloadFaultId>, context: EditContext): Edit {
  return PAYLOAD_EDITS[hit.fault.id](hit, context);
}

interface TokenDraft extends Draft {
  readonly event: TokenEvent;
  readonly position: number;
}

function isToken(draft: Draft): draft is TokenDraft {
  return draft.position !== undefined && draft.event.type === "token";
}

function isTerminal({ event }: Draft): boolean {
  return event.type === "end" || event.type === "error";
}

/** Index of the token that the fault changes. */
function targetOf({ fault }: FaultHit<StubFaultId>): number {
  return typeof fault.at === "object" && "afterTokens" in fault.at ? fault.at.afterTokens : 0;
}

/** Edits the token that the fault is about. */
function atToken(change: (draft: TokenDraft) => readonly Draft[]): CreateEdit {
  return (hit) => (draft) => {
    if (!isToken(draft) || draft.position !== targetOf(hit)) return [draft];
    hit.fire();
    return change(draft);
  };
}

/** Changes what the one token that the fault is about is sent as. */
function changeToken(change: FrameChange): CreateEdit {
  return atToken((draft) => [{ ...draft, change }]);
}

/** Edits the `end` event; a job that ends with an error has none. */
function atEnd(change: (end: Draft & { readonly event: EndEvent }) => readonly Draft[]): CreateEdit {
  return (hit) => (draft) => {
    const { event } = draft;
    if (event.type !== "end") return [draft];
    hit.fire();
    return change({ ...draft, event });
  };
}

/** Shifts the index of the token that the fault is about, or of the next one, and of all that follow. */
function shiftIndex(by: number, later: number): CreateEdit {
  return (hit) => (draft) => {
    if (!isToken(draft) || draft.position < targetOf(hit) + later) return [draft];
    hit.fire();
    return [{ ...draft, event: { ...draft.event, i: draft.event.i + by } }];
  };
}

function swapTokens(hit: FaultHit<StubFaultId>): Edit {
  let held: Draft | undefined;
  return (draft) => {
    if (held === undefined && isToken(draft) && draft.position === targetOf(hit)) {
      held = draft;
      return [];
    }
    if (held === undefined || draft.event.type === "metrics") return [draft];
    const [first, second] = isToken(draft) ? [draft, held] : [held, draft];
    held = undefined;
    if (isToken(draft)) hit.fire();
    else hit.bypass("the token was the last one");
    return [first, second];
  };
}

function wrongJobId(hit: FaultHit<StubFaultId>): Edit {
  return (draft) => {
    if (draft.event.type !== "started" || hit.fault.id !== "wrong-job-id") return [draft];
    hit.fire();
    return [{ event: { ...draft.event, job_id: hit.fault.params.jobId } }];
  };
}

function crossTalk(hit: FaultHit<StubFaultId>, { otherTokens }: EditContext): Edit {
  return (draft) => {
    if (!isToken(draft) || draft.position !== targetOf(hit)) return [draft];
    const others = otherTokens();
    const foreign = others.find((token) => token !== undefined && token.t !== draft.event.t);
    if (foreign === undefined) {
      hit.bypass(others.length === 0 ? "no other job was running" : "no other job had just sent another text");
      return [draft];
    }
    hit.fire();
    return [{ ...draft, event: { ...draft.event, t: foreign.t } }];
  };
}

function wrongTokensOut(hit: FaultHit<StubFaultId>): Edit {
  let tokenCount = 0;
  return (draft) => {
    if (isToken(draft)) tokenCount++;
    if (draft.event.type !== "end") return [draft];
    if (tokenCount === 0) {
      hit.bypass("the job sent no token");
      return [draft];
    }
    hit.fire();
    return [{ ...draft, event: { ...draft.event, tokens_out: tokenCount - 1 } }];
  };
}

function lateStarted(hit: FaultHit<StubFaultId>): Edit {
  let held: Draft | undefined;
  return (draft) => {
    if (draft.event.type === "started") {
      held = draft;
      return [];
    }
    if (held === undefined) return [draft];
    const started = held;
    held = undefined;
    if (!isToken(draft)) return [started, draft];
    hit.fire();
    return [draft, started];
  };
}

function fakeStreaming(hit: FaultHit<StubFaultId>): Edit {
  const held: Draft[] = [];
  return (draft) => {
    if (draft.event.type === "started") return [draft];
    held.push(draft);
    if (!isTerminal(draft)) return [];
    if (held.some(isToken)) hit.fire();
    return held.splice(0);
  };
}
