/** Entry point of the thread that serves the page of a run which is under way; see `live-page.ts`. */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import type { LiveMessage, LiveOrder, LiveSetup } from "./live-messages.js";
import { LiveServer } from "./live-server.js";
import { createSnapshot } from "./snapshot.js";

const port = parentPort as MessagePort;
const setup = workerData as LiveSetup;
const post = (message: LiveMessage): void => port.postMessage(message);
const snapshot = createSnapshot(setup);
const server = new LiveServer({ snapshot, token: setup.token, onStop: () => post({ type: "stop" }) });

port.on("message", (order: LiveOrder) => {
  if (order.type === "news") {
    snapshot.add(order);
    server.announce(order.progress);
    return;
  }
  if (order.report !== undefined) snapshot.end(order.report);
  void server.end().then(() => post({ type: "ended" }));
});
post({ type: "ready", port: await server.listen() });
