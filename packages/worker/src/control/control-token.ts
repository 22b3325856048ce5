import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const TOKEN_BYTES = 32;

/** The secret first part of every path of the control listener: other users of the machine can reach its port too. */
export class ControlToken {
  /** 256 bits, in characters that need no escaping in a URL. */
  readonly value = randomBytes(TOKEN_BYTES).toString("base64url");
  readonly #digest = digest(this.value);

  /** Compares in constant time. */
  matches(given: string): boolean {
    return timingSafeEqual(digest(given), this.#digest);
  }
}

/** Fixed length, regardless of the input. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
