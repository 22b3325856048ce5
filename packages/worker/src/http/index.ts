export { HttpServer } from "./server.js";
export type { WorkerState } from "./worker-state.js";
