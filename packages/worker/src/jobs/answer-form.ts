import type { ErrorEvent, InferenceEvent } from "inference-worker-protocol";
import type { ReportedUsage, TokenScore } from "../engine/engine.js";

/** What an event of this project's wire protocol cannot express. */
export interface EventExtra {
  /** With `end`. */
  readonly usage?: ReportedUsage | undefined;
  /** With `token`: the tokens that its text is made of. */
  readonly scores?: readonly TokenScore[] | undefined;
}

/** What a response can have or lack, depending on its dialect and on whether it is a stream. */
export type AnswerFeature = "token-index" | "job-id" | "started" | "usage" | "stream";

/** The shape of a response: what a fault needs to know to break it. */
export interface AnswerForm {
  /** Name of the dialect. */
  readonly dialect: string;
  /** How frames are separated; `json` is one body. */
  readonly framing: "sse" | "ndjson" | "json";
  /** The key at the top of a frame without which the frame has no text. */
  readonly textKey: string;
  readonly features: ReadonlySet<AnswerFeature>;
}

/** Changes the text that an event is sent as. */
export type FrameChange = (text: string, form: AnswerForm) => string;

/** Writes the events of one job as one dialect does. It may keep a state: one for each job. */
export interface AnswerEncoder {
  readonly form: AnswerForm;
  readonly contentType: string;
  /** The text for an event; empty if the dialect sends nothing for it. One body is the text of the terminal event. */
  encode(event: InferenceEvent, extra?: EventExtra): string;
  /** Status of a body that reports an error. @default the one of the catalogue */
  readonly statusOf?: (error: ErrorEvent) => number;
}
