import type { Framing } from "../dialects/index.js";
import { NdjsonDecoder } from "./ndjson-decoder.js";
import { SseDecoder, type SseHandlers, type SseSizeLimits } from "./sse-decoder.js";

/** Cuts the bytes of a stream into messages, whatever their framing. */
export type MessageDecoder = Pick<SseDecoder, "feed" | "end" | "unterminatedBytes" | "unterminatedText">;

/** Makes the decoder of a framing. */
export function createMessageDecoder(framing: Framing, handlers: SseHandlers, limits: SseSizeLimits): MessageDecoder {
  return framing === "sse" ? new SseDecoder(handlers, limits) : new NdjsonDecoder(handlers, limits);
}
