export { nameTest } from "./pooled-worker.js";
export { createWorkerPool, type WorkerPool } from "./worker-pool.js";
export { KEEPING_OPTIONS } from "./options.js";
export type { WorkerLease } from "./worker-lease.js";
