import type { Dialect, EventDecoder, InferenceEvent, WireMessage } from "inference-testkit";

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
  createDecoder: ({ jobId }) => new ChunkDecoder(jobId),
  decodeError: ({ body }) => {
    const { error } = body as { error?: { code?: string; message?: string } };
    return { code: error?.code, message: error?.message, retriable: undefined };
  },
  findJobId: (body) => (body as { user?: string }).user,
  ready: { path: "/v1/models" },
};

class ChunkDecoder implements EventDecoder {
  readonly #jobId: string | undefined;
  #tokenCount = 0;
  #stopReason: "max_tokens" | "stop" | undefined;
  isDone = false;

  constructor(jobId: string | undefined) {
    this.#jobId = jobId;
  }

  begin(): InferenceEvent[] {
    return [{ type: "started", job_id: this.#jobId }];
  }

  push({ data }: WireMessage): InferenceEvent[] {
    if (data === "[DONE]") return this.#finish();
    const [choice] = (JSON.parse(data) as { choices: { text: string; finish_reason: string | null }[] }).choices;
    if (choice?.finish_reason) this.#stopReason = choice.finish_reason === "length" ? "max_tokens" : "stop";
    return choice?.text ? [{ type: "token", t: choice.text, i: this.#tokenCount++ }] : [];
  }

  end() {
    return { problem: this.#stopReason === undefined ? "a `finish_reason`" : "`[DONE]`" };
  }

  #finish(): InferenceEvent[] {
    this.isDone = this.#stopReason === undefined; // the marker arrived instead of the end
    if (this.#stopReason === undefined) return [];
    const count = { tokens_out: this.#tokenCount, tokens_out_estimated: true } as const;
    return [{ type: "end", ...count, stop_reason: this.#stopReason }];
  }
}
