export { Job, type EventSink } from "./job.js";
export { Scheduler, type SlotCounts } from "./scheduler.js";
