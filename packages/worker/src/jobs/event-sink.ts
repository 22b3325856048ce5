import type { InferenceEvent } from "inference-worker-protocol";
import type { AnswerForm, EventExtra, FrameChange } from "./answer-form.js";

/** Receives the events of a job. */
export interface EventSink {
  /**
   * Sends one event; a promise when the receiver is slow, resolved when it has caught up or is gone.
   *
   * @param extra what the event itself cannot express.
   */
  send(event: InferenceEvent, extra?: EventExtra): Promise<void> | undefined;
}

/** An event in transit to a client. */
export interface Frame {
  readonly event: InferenceEvent;
  readonly extra?: EventExtra | undefined;
  /** Changes what it is sent as. */
  readonly change?: FrameChange | undefined;
  /** It is the last one. */
  readonly last: boolean;
}

/** A sink that also sends what the contract does not allow, for faults. */
export interface FrameSink extends EventSink {
  readonly form: AnswerForm;
  /** Sends one frame unchanged; see {@link EventSink.send} for the promise. */
  sendFrame(frame: Frame): Promise<void> | undefined;
}
