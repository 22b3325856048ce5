import { readTranscript, type Transcript } from "../../packages/testkit/test/dialects/transcripts.js";
import { recordedText, type Recorded } from "./recorded-server.js";

const METRICS = 'vllm:num_requests_running{engine="0"} {running}\nvllm:num_requests_waiting{engine="0"} 0\n';
const VLLM = {
  answers: { "/health": "", "/v1/models": recordedText("vllm", "get-v1-models"), "/metrics": METRICS },
  refusal: '{"error":{"message":"busy","type":"rate_limit","code":429}}',
};
const LLAMA = {
  answers: {
    "/health": '{"status":"ok"}',
    "/props": recordedText("llama-server", "props"),
    "/v1/models": recordedText("llama-server", "models"),
    "/slots": '[{"id":0,"is_processing":false},{"id":1,"is_processing":false}]',
    "/metrics":
      "llamacpp:requests_processing {running}\nllamacpp:requests_deferred 0\nllamacpp:tokens_predicted_total 8\n",
  },
  refusal: '{"error":{"message":"busy","type":"unavailable_error","code":503}}',
};

/** TGI could not be had: its messages as its documentation has them. */
const TGI_STREAM: Transcript = {
  ...readTranscript("llama-server", "native-completion-stream"),
  server: "tgi",
  path: "/generate_stream",
  content: Buffer.from(
    [" a", " b", " c"]
      .map((text, index) => ({
        index,
        token: { id: index, text, logprob: -1, special: false },
        generated_text: index === 2 ? " a b c" : null,
        details: index === 2 ? { finish_reason: "length", generated_tokens: 3, seed: null } : null,
      }))
      .map((message) => `data:${JSON.stringify(message)}\n\n`)
      .join(""),
  ),
};

/** A server of each dialect; recorded from real ones, but for TGI. */
export const RECORDED: Readonly<Record<string, Recorded>> = {
  "openai-chat": { ...VLLM, stream: readTranscript("vllm", "chat-stream-usage"), token: /"content":"[^"]/ },
  "openai-completions": { ...VLLM, stream: readTranscript("vllm", "completions-stream-usage"), token: /"text":"[^"]/ },
  "openai-responses": { ...VLLM, stream: readTranscript("vllm", "responses-stream"), token: /output_text\.delta/ },
  anthropic: { ...LLAMA, stream: readTranscript("llama-server", "anthropic-stream"), token: /text_delta/ },
  "llama-cpp": {
    ...LLAMA,
    stream: readTranscript("llama-server", "native-completion-stream"),
    token: /"content":"[^"]/,
  },
  ollama: {
    stream: readTranscript("ollama", "generate-stream"),
    token: /"response":"[^"]/,
    answers: {
      "/": recordedText("ollama", "get-root-"),
      "/api/version": recordedText("ollama", "get-root-api-version"),
      "/api/tags": recordedText("ollama", "get-root-api-tags"),
      "/v1/models": recordedText("ollama", "get-root-v1-models"),
    },
    refusal: '{"error":"busy"}',
  },
  tgi: {
    stream: TGI_STREAM,
    token: /"text":"[^"]/,
    answers: {
      "/health": "",
      "/info": '{"model_id":"tiny","max_concurrent_requests":128,"version":"3.0.0"}',
      "/metrics": "tgi_batch_current_size {running}\ntgi_queue_size 0\n",
    },
    refusal: '{"error":"Model is overloaded","error_type":"overloaded"}',
  },
};
