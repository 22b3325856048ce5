import type { Socket } from "node:net";
import type { FaultHit } from "worker-orcd-control";
import type { ProxyFaultId } from "./fault-ids.js";

type Treatment<Each extends ProxyFaultId> = (socket: Socket, hit: FaultHit<Each>, wasAsked: boolean) => void;

const TREATMENTS = {
  "accept-then-fin": (socket, hit) => {
    hit.fire();
    socket.end();
    socket.resume(); // closing a socket with unread data makes the system reset it
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
    // A client that has not sent a request yet would drop the connection and use another one.
    if (wasAsked) answer();
    else socket.once("data", answer);
    socket.once("close", () => hit.bypass("the client left without a request"));
  },
} as const satisfies { readonly [Id in ProxyFaultId]?: Treatment<Id> };

export type ConnectionFaultId = keyof typeof TREATMENTS;

/** The faults that are chosen for a connection, before anything is read from it. */
export const CONNECTION_FAULT_IDS = Object.keys(TREATMENTS) as ConnectionFaultId[];

/**
 * Performs a connection fault instead of answering.
 *
 * @param wasAsked whether a request has been read from it, on a kept-alive connection.
 */
export function treatConnection(socket: Socket, hit: FaultHit<ConnectionFaultId>, wasAsked: boolean): void {
  (TREATMENTS[hit.fault.id] as Treatment<ConnectionFaultId>)(socket, hit, wasAsked);
}
