import type { Socket } from "node:net";
import type { FaultHit } from "worker-orcd-control";
import type { ProxyFaultId } from "./fault-ids.js";

type Treatment<Each extends ProxyFaultId> = (socket: Socket, hit: FaultHit<Each>, wasAsked: boolean) => void;

const TREATMENTS = {
  "accept-then-fin": (socket, hit) => {
    hit.fire();
    socket.end();
    socket.resume(); // what is left unread when a socket is closed makes the system reset it
  },
  "accept-then-rst": (socket, hit) => {
    hit.fire();
    socket.resetAndDestroy();
  },
  "accept-then-hang": (socket, hit) => {
    hit.fire();
    socket.resume();
  },
  garbage: (socket, hit, wasAsked) => {
    const answer = () => {
      hit.fire();
      socket.end(hit.fault.params.text);
      socket.resume();
    };
    // A client that has asked nothing yet would drop the connection and ask on another one.
    if (wasAsked) answer();
    else socket.once("data", answer);
    socket.once("close", () => hit.bypass("the client left without a request"));
  },
} as const satisfies { readonly [Id in ProxyFaultId]?: Treatment<Id> };

export type ConnectionFaultId = keyof typeof TREATMENTS;

/** The faults that are decided for a connection, before anything is read from it. */
export const CONNECTION_FAULT_IDS = Object.keys(TREATMENTS) as ConnectionFaultId[];

/**
 * Treats a connection in place of answering.
 *
 * @param wasAsked whether a request has been read from it: it was kept from an earlier one.
 */
export function treatConnection(socket: Socket, hit: FaultHit<ConnectionFaultId>, wasAsked: boolean): void {
  (TREATMENTS[hit.fault.id] as Treatment<ConnectionFaultId>)(socket, hit, wasAsked);
}
