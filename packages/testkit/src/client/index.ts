export type { CallOptions } from "./call-options.js";
export { ExecuteResponse, type BodyOptions } from "./execute-response.js";
export { preloadHttp } from "./http.js";
export { LoadingHint } from "./loading-hint.js";
export { MetricsSnapshot } from "./metrics.js";
export type { DisconnectKind } from "./own-connection.js";
export type { BodyStart } from "./read-body.js";
export type { BodyEnd, StreamWatch, StreamWatcher, WatchedRequest } from "./stream-watch.js";
export {
  WorkerClient,
  type ExecuteBody,
  type ExecuteOptions,
  type RawRequest,
  type WorkerClientOptions,
} from "./worker-client.js";
