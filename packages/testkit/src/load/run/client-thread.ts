/** Entry point of a client thread; see `thread-clients.ts`. */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { serveOrders } from "./serve-orders.js";
import type { ThreadSetup } from "./thread-messages.js";

await serveOrders(parentPort as MessagePort, workerData as ThreadSetup);
