export { Job, type EventSink, type Frame, type FrameSink, type JobFactory } from "./job.js";
export { Scheduler } from "./scheduler.js";
