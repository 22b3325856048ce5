import type { Socket } from "node:net";
import type { FaultHit } from "worker-orcd-control";
import type { CONNECTION_FAULT_IDS } from "./fault-ids.js";

type Id = (typeof CONNECTION_FAULT_IDS)[number];

type Treatment<Each extends Id> = (socket: Socket, hit: FaultHit<Each>, wasAsked: boolean) => void;

const TREATMENTS: { readonly [Each in Id]: Treatment<Each> } = {
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
    socket.once("close", () => hit.bypass("the client left without asking anything"));
  },
};

/**
 * Treats a connection in place of answering.
 *
 * @param wasAsked whether a request has been read from it: it was kept from an earlier one.
 */
export function treatConnection(socket: Socket, hit: FaultHit<Id>, wasAsked: boolean): void {
  (TREATMENTS[hit.fault.id] as Treatment<Id>)(socket, hit, wasAsked);
}
