export { ExecuteResponse } from "./execute-response.js";
export { preloadHttp } from "./http.js";
export { MetricsSnapshot, type MetricSample } from "./metrics.js";
export {
  WorkerClient,
  type CallOptions,
  type ExecuteBody,
  type ExecuteOptions,
  type RawRequest,
  type WorkerClientOptions,
} from "./worker-client.js";
