/** Counters of requests that have ended well, of the servers that have one. */
export const REQUEST_COUNTERS = ["worker_requests_total", "vllm:request_success_total", "sglang:num_requests_total"];

/** Counters of generated tokens. */
export const TOKEN_COUNTERS = [
  "worker_tokens_generated_total",
  "vllm:generation_tokens_total",
  "llamacpp:tokens_predicted_total",
  "sglang:generation_tokens_total",
];
