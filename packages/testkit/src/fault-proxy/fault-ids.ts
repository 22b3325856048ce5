import { definitionOf, FAULT_IDS, type FaultHit, type FaultIdOf } from "worker-orcd-control";

/** The faults that a proxy provides. Each is implemented in one of the tables of this folder, by its id. */
export type ProxyFaultId = FaultIdOf<"proxy">;

/** Takes effect when armed: there is no connection to choose it for. */
export const PORT_FAULT_IDS = ["refuse"] as const satisfies readonly ProxyFaultId[];

type RequestFaultId = Exclude<ProxyFaultId, (typeof PORT_FAULT_IDS)[number]>;

/** Every fault that is chosen for a request; connection faults are chosen before anything is read. */
export const REQUEST_FAULT_IDS = FAULT_IDS.filter((id): id is RequestFaultId => {
  const { provider, group } = definitionOf(id);
  return provider === "proxy" && group !== "connection";
});

/** Whether a fault depends on the events of a stream and so cannot happen to any other answer. */
export function needsEvents({ fault }: FaultHit): boolean {
  return definitionOf(fault.id).group === "framing" || (typeof fault.at === "object" && "afterTokens" in fault.at);
}

/** Whether a table implements a fault. */
export function isIn<Id extends ProxyFaultId>(table: Readonly<Record<Id, unknown>>) {
  return (hit: FaultHit): hit is FaultHit<Id> => Object.hasOwn(table, hit.fault.id);
}
