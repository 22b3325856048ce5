import { encodeSseEvent, EVENT_STREAM_CONTENT_TYPE } from "inference-worker-protocol";
import type { AnswerEncoder } from "../jobs/index.js";

/** Writes the events of the wire protocol as they are. */
export const ORCD_ENCODER: AnswerEncoder = {
  form: {
    dialect: "orcd",
    framing: "sse",
    textKey: "t",
    features: new Set(["token-index", "job-id", "started", "usage", "stream"]),
  },
  contentType: EVENT_STREAM_CONTENT_TYPE,
  encode: encodeSseEvent,
};
