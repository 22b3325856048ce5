import { replyFits, type ReplyQuestion, type StubConfig, type StubReply } from "worker-orcd-control";
import type { EngineRequest } from "../engine/engine.js";

/** The replies of a configuration, and how often each was given. */
export class ReplyScript {
  readonly #replies: StubConfig["replies"];
  readonly #given = new Map<StubReply, number>();

  constructor({ replies }: StubConfig) {
    this.#replies = replies;
  }

  /** The first reply that fits and is not used up; it counts as given. */
  take(request: EngineRequest): StubReply | undefined {
    if (this.#replies.length === 0) return undefined;
    const question = toQuestion(request);
    const reply = this.#replies.find((one) => this.#countOf(one) < (one.times ?? Infinity) && replyFits(one, question));
    if (reply !== undefined) this.#given.set(reply, this.#countOf(reply) + 1);
    return reply;
  }

  #countOf(reply: StubReply): number {
    return this.#given.get(reply) ?? 0;
  }
}

function toQuestion({ chat, prompt }: EngineRequest): ReplyQuestion {
  if (chat === undefined) return { messages: [{ role: "user", content: prompt }], toolNames: [] };
  return { messages: chat.messages, toolNames: chat.tools.map(({ name }) => name) };
}
