export type { AnswerEncoder, AnswerFeature, AnswerForm, EventExtra, FrameChange } from "./answer-form.js";
export type { EventSink, Frame, FrameSink } from "./event-sink.js";
export { Job, type AbortReason, type JobFactory } from "./job.js";
export { Scheduler } from "./scheduler.js";
