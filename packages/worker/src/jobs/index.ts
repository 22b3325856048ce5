export { Job, type EventSink } from "./job.js";
export { Scheduler } from "./scheduler.js";
