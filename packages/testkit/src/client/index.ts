export { ExecuteResponse, type BodyOptions } from "./execute-response.js";
export { preloadHttp } from "./http.js";
export { LoadingHint } from "./loading-hint.js";
export { MetricsSnapshot, parseMetrics } from "./metrics.js";
export { describeAnswers } from "./probe-server.js";
export { isKeyWanted, NO_HEADERS, serverHeaders, ServerHeaders, type HeaderSource } from "./server-headers.js";
export { probeEnds } from "./probe-ends.js";
export type { DisconnectKind } from "./dedicated-connection.js";
export type { BodyStart } from "./read-body.js";
export type { ExecuteBody } from "../dialects/index.js";
export type { BodyEnd, StreamWatch, StreamWatcher, WatchedRequest } from "./stream-watch.js";
export {
  CALL_OPTIONS,
  EXECUTE_OPTIONS,
  RAW_REQUEST,
  type CallOptions,
  type ExecuteOptions,
  type RawRequest,
  type WorkerClientOptions,
} from "./options.js";
export { WorkerClient } from "./worker-client.js";
