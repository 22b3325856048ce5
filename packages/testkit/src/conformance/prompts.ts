import { TestPrompts } from "../requests/index.js";

const TOPICS = ["a lighthouse", "a clock tower", "a river ferry", "a night train", "an observatory", "a harbor bakery"];

/** Makes prompts that fit every model: short ones, unless their name says otherwise. Each call returns another one. */
export class Prompts {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Asks for a long text, so that the answer reaches its limit of tokens. */
  endless(): string {
    return `Story ${this.#number()}. Write a very long story about ${this.#pick(TOPICS)}. Do not stop.`;
  }

  /** Asks for numbers in order. */
  count(): string {
    const first = 1 + (this.#number() % 500);
    return `Count from ${first} to ${first + 200}, one number after the other, separated by commas.`;
  }

  /** Asks to repeat a text. Only a model that follows instructions does so. */
  echo(text: string): string {
    return `Repeat exactly, and write nothing else: ${text}`;
  }

  /** Asks for characters of two to four bytes, some of which consist of several code points. */
  unicode(): string {
    return `Variant ${this.#number()}. Write a long line of emoji, accented letters, Greek and Chinese characters.`;
  }

  /** Asks for a JSON object. */
  json(): string {
    return TestPrompts.json();
  }

  /** A passage of about 250 words and an instruction: the prefill takes noticeable time. */
  long(): string {
    return `Text ${this.#number()}. ${TestPrompts.long()}`;
  }

  #number(): number {
    return Math.floor(this.#random() * 1_000_000);
  }

  #pick<T>(list: readonly [T, ...T[]] | readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }
}
