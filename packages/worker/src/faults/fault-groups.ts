import { definitionOf, FAULT_IDS, type FaultId, type FaultIdOf } from "worker-orcd-control";

/** Faults that a worker in stub mode provides. */
export type StubFaultId = FaultIdOf<"stub">;

/** Faults of the way in which a job is led: its queue, slot, client and stop sequences. */
export const BEHAVIOR_FAULTS = [
  "ignores-stop",
  "ignores-cancel",
  "ignores-disconnect",
  "slot-leak",
] as const satisfies readonly StubFaultId[];

/** Faults of what is sent. */
export const PAYLOAD_FAULTS = [
  "invalid-json",
  "truncated-json",
  "unknown-type",
  "missing-field",
  "index-gap",
  "index-repeat",
  "swap-tokens",
  "drop-token",
  "duplicate-token",
  "wrong-job-id",
  "cross-talk",
  "two-terminals",
  "data-after-end",
  "wrong-tokens-out",
  "late-started",
  "fake-streaming",
] as const satisfies readonly StubFaultId[];

/** Faults of the answers of `GET /health`; `lies` is a fault of jobs. */
export const HEALTH_FAULTS = ["hangs", "flaps", "wrong-identity"] as const satisfies readonly StubFaultId[];

/** Faults of the start of the process. */
export const START_FAULTS = [
  "crash-on-start",
  "never-ready",
  "port-in-use",
  "stdout-flood",
  "grandchild-holds-port",
  "ignores-sigterm",
  "ready-too-early",
] as const satisfies readonly StubFaultId[];

export type BehaviorFaultId = (typeof BEHAVIOR_FAULTS)[number];
export type PayloadFaultId = (typeof PAYLOAD_FAULTS)[number];
export type StartFaultId = (typeof START_FAULTS)[number];

/** Every fault of the stub, in the order of the catalogue. */
export const STUB_FAULT_IDS = FAULT_IDS.filter(isStubFault);

function isStubFault(id: FaultId): id is StubFaultId {
  return definitionOf(id).provider === "stub";
}
