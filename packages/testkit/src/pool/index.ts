export { createWorkerPool, type ReleaseReport, type WorkerPool } from "./worker-pool.js";
export { KEEPING_OPTIONS, type WorkerPoolOptions } from "./options.js";
export type { WorkerLease } from "./worker-lease.js";
