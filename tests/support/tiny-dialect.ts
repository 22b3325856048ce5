import type { InferenceEvent } from "inference-worker-protocol";
import type { Dialect, EventDecoder, WireMessage } from "inference-testkit";

/** What `tiny-server.ts` speaks: completion chunks as OpenAI sends them, ended by `[DONE]`. */
export const tiny: Dialect = {
  name: "tiny",
  capabilities: { framing: "sse" },
  executePaths: ["/v1/completions"],
  encodeRequest: ({ prompt, max_tokens, job_id }) => ({
    path: "/v1/completions",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt, max_tokens, user: job_id, stream: true }),
  }),
  createDecoder: ({ jobId }) => new ChunkDecoder(jobId ?? "unknown"),
  decodeError: ({ body }) => {
    const { error } = body as { error?: { code?: string; message?: string } };
    return { code: error?.code, message: error?.message, retriable: undefined };
  },
  findJobId: (body) => (body as { user?: string }).user,
  ready: { path: "/v1/models" },
};

class ChunkDecoder implements EventDecoder {
  readonly #jobId: string;
  #tokenCount = 0;
  #stopReason: "max_tokens" | "eos" | undefined;
  isDone = false;

  constructor(jobId: string) {
    this.#jobId = jobId;
  }

  begin(): InferenceEvent[] {
    return [{ type: "started", job_id: this.#jobId, model: "tiny", started_at: new Date().toISOString(), seed: 0 }];
  }

  push({ data }: WireMessage): InferenceEvent[] {
    if (data === "[DONE]") return this.#finish();
    const [choice] = (JSON.parse(data) as { choices: { text: string; finish_reason: string | null }[] }).choices;
    if (choice?.finish_reason) this.#stopReason = choice.finish_reason === "length" ? "max_tokens" : "eos";
    return choice?.text ? [{ type: "token", t: choice.text, i: this.#tokenCount++ }] : [];
  }

  end() {
    return { problem: this.#stopReason === undefined ? "a `finish_reason`" : "`[DONE]`" };
  }

  #finish(): InferenceEvent[] {
    this.isDone = true;
    if (this.#stopReason === undefined) return [];
    return [{ type: "end", tokens_out: this.#tokenCount, decode_time_ms: 0, stop_reason: this.#stopReason }];
  }
}
