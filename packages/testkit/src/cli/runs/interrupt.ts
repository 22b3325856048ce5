import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** While it is active, the first signal aborts the run and the second ends the program. */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  #name: string | undefined;

  constructor(onFirst: (name: string) => void) {
    this.#onFirst = onFirst;
    for (const name of SIGNALS) process.on(name, this.#handle);
  }

  readonly #onFirst: (name: string) => void;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The received signal, or who else has ended the run. */
  get name(): string | undefined {
    return this.#name;
  }

  /** Ends the run as the first signal does. @param name what the report says has ended it. */
  end(name: string): void {
    if (this.#name !== undefined) return;
    this.#name = name;
    this.#onFirst(name);
    this.#controller.abort(new Error(`interrupted by ${name}`));
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#handle);
  }

  readonly #handle = (name: NodeJS.Signals): void => {
    if (this.#name !== undefined) process.exit(128 + constants.signals[name]);
    this.end(name);
  };
}
