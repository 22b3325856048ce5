import { definitionOf, FAULT_IDS, type FaultHit, type FaultIdOf } from "worker-orcd-control";

/** The faults that a proxy provides. */
export type ProxyFaultId = FaultIdOf<"proxy">;

/** Decided for a connection, before anything is read from it. `refuse` has no connection: it is decided when it is armed. */
export const CONNECTION_FAULT_IDS = ["accept-then-fin", "accept-then-rst", "accept-then-hang", "garbage"] as const;
/** Answer without asking the worker. */
const REPLACING = ["status", "redirect", "html-200", "gzip-bomb"] as const;
/** Change how the worker's answer begins. */
const HEAD = ["headers-delay", "wrong-content-type", "huge-header", "wrong-length"] as const;
/** Change how events are written. */
const FRAMING = [
  "crlf",
  "cr",
  "mixed",
  "bom",
  "split-utf8",
  "split-crlf",
  "no-final-blank",
  "retry",
  "multi-line-json",
] as const;
/** Change when the bytes are sent. */
const PACE = ["drip", "bandwidth", "latency"] as const;

export type ConnectionFaultId = (typeof CONNECTION_FAULT_IDS)[number];
export type ReplacingFaultId = (typeof REPLACING)[number];
export type HeadFaultId = (typeof HEAD)[number];
export type FramingFaultId = (typeof FRAMING)[number];
export type PaceFaultId = (typeof PACE)[number];
/** Happen at one point of the body: all the others. */
export type PointFaultId = Exclude<
  ProxyFaultId,
  "refuse" | ConnectionFaultId | ReplacingFaultId | HeadFaultId | FramingFaultId | PaceFaultId
>;

/** Every fault that is decided for a request. */
export const REQUEST_FAULT_IDS = FAULT_IDS.filter((id): id is Exclude<ProxyFaultId, "refuse" | ConnectionFaultId> => {
  const { provider, group } = definitionOf(id);
  return provider === "proxy" && group !== "connection";
});

export const isReplacing = belongsTo<ReplacingFaultId>(REPLACING);
export const isHead = belongsTo<HeadFaultId>(HEAD);
export const isFraming = belongsTo<FramingFaultId>(FRAMING);
export const isPace = belongsTo<PaceFaultId>(PACE);

export function isPoint(hit: FaultHit): hit is FaultHit<PointFaultId> {
  return !isReplacing(hit) && !isHead(hit) && !isFraming(hit) && !isPace(hit);
}

/** Looks at the events of a stream, so that it has nothing to do in another answer. */
export function needsEvents({ fault }: FaultHit): boolean {
  return definitionOf(fault.id).group === "framing" || (typeof fault.at === "object" && "afterTokens" in fault.at);
}

function belongsTo<Id extends ProxyFaultId>(ids: readonly Id[]) {
  return (hit: FaultHit): hit is FaultHit<Id> => (ids as readonly string[]).includes(hit.fault.id);
}
