/** Where native work goes through before it starts. */
export interface Gate {
  /** Runs `work`, which decodes `tokenCount` tokens; rejects as it does. */
  run<T>(tokenCount: number, work: () => Promise<T>): Promise<T>;
}

/** For a context with one sequence: nobody to wait for. */
export const OPEN_GATE: Gate = { run: (_, work) => work() };

interface Waiting {
  readonly tokenCount: number;
  readonly enter: () => void;
}

/**
 * Continuous batching: lets the jobs of one context go on in common steps, one batch each. A step takes the next token of
 * every job that has asked for one, and prompt tokens up to `promptTokens`, first come first served; jobs join and leave
 * between two steps, and a job that nobody reads from is waited for by nobody.
 *
 * Without it node-llama-cpp starts the next batch as soon as the first tokens are sampled, without the job that was sampled
 * last: batches of N-1, and of one with two jobs.
 */
export class StepGate implements Gate {
  readonly #promptTokens: number;
  #waiting: readonly Waiting[] = [];
  #runningCount = 0;
  #isOpening = false;

  /** `promptTokens`: how many a step may take at most, so that a long prompt holds the other jobs up for one batch only. */
  constructor(promptTokens: number) {
    this.#promptTokens = promptTokens;
  }

  async run<T>(tokenCount: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      this.#waiting = [...this.#waiting, { tokenCount, enter }];
      this.#openBetweenSteps();
    });
    try {
      return await work();
    } finally {
      this.#runningCount--;
      this.#openBetweenSteps();
    }
  }

  /** The next tick comes after all promise callbacks: by then every job of the last step has asked for its next token. */
  #openBetweenSteps(): void {
    if (this.#runningCount > 0 || this.#waiting.length === 0 || this.#isOpening) return;
    this.#isOpening = true;
    process.nextTick(() => this.#open());
  }

  #open(): void {
    this.#isOpening = false;
    const entering = this.#fitting();
    this.#waiting = this.#waiting.filter((one) => !entering.has(one));
    this.#runningCount = entering.size;
    for (const { enter } of entering) enter();
  }

  /** Single tokens always fit; who asked first always fits, so nobody starves. */
  #fitting(): ReadonlySet<Waiting> {
    let left = this.#promptTokens;
    return new Set(
      this.#waiting.filter(({ tokenCount }) => {
        if (tokenCount === 1) return true;
        if (tokenCount > left) return false;
        left -= tokenCount;
        return true;
      }),
    );
  }
}
