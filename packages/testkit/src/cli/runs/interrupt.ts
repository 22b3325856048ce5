import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** While it is active, the first signal aborts the run and the second ends the program. */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  #name: NodeJS.Signals | undefined;

  constructor(onFirst: (name: NodeJS.Signals) => void) {
    this.#onFirst = onFirst;
    for (const name of SIGNALS) process.on(name, this.#handle);
  }

  readonly #onFirst: (name: NodeJS.Signals) => void;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The received signal. */
  get name(): NodeJS.Signals | undefined {
    return this.#name;
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#handle);
  }

  readonly #handle = (name: NodeJS.Signals): void => {
    if (this.#name !== undefined) process.exit(128 + constants.signals[name]);
    this.#name = name;
    this.#onFirst(name);
    this.#controller.abort(new Error(`interrupted by ${name}`));
  };
}
