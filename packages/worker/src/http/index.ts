export { createHttpServer, listen } from "./server.js";
export type { WorkerState } from "./worker-state.js";
