import type { EngineOutput, EnginePart, TokenScore } from "../engine/engine.js";
import type { EventExtra } from "./answer-form.js";

type Scored = Extract<EnginePart, { kind: "scored" }>;

/** Whether it is text of the answer. */
export function isText(output: EngineOutput): output is Uint8Array | Scored {
  return output instanceof Uint8Array || output.kind === "scored";
}

/** The scores of tokens whose text has not been sent: it may be held back, and one event may have the text of several tokens. */
export class PendingScores {
  #scores: TokenScore[] = [];

  /** The bytes of a token; its score is kept, if it has one. */
  bytesOf(token: Uint8Array | Scored): Uint8Array {
    if (token instanceof Uint8Array) return token;
    this.#scores.push(token.score);
    return token.bytes;
  }

  /** The scores that belong to the text that is sent now. */
  take(): EventExtra | undefined {
    if (this.#scores.length === 0) return undefined;
    return { scores: this.#scores.splice(0) };
  }
}
