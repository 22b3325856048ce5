import type { Framing } from "../dialects/index.js";
import { NdjsonDecoder } from "./ndjson-decoder.js";
import { WholeBodyDecoder } from "./whole-body-decoder.js";
import { SseDecoder, type SseHandlers, type SseSizeLimits } from "./sse-decoder.js";

/** Splits the bytes of a stream into messages, whatever the framing. */
export type MessageDecoder = Pick<
  SseDecoder,
  "feed" | "end" | "unterminatedBytes" | "unterminatedText" | "invalidUtf8Count"
>;

/** Creates the decoder for a framing; `whole` treats the body as one message. */
export function createMessageDecoder(
  framing: Framing | "whole",
  handlers: SseHandlers,
  limits: SseSizeLimits,
): MessageDecoder {
  if (framing === "whole") return new WholeBodyDecoder(handlers, limits);
  return framing === "sse" ? new SseDecoder(handlers, limits) : new NdjsonDecoder(handlers, limits);
}
