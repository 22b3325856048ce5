/** Schedules native work. */
export interface Gate {
  /** Runs `work`, which decodes `tokenCount` tokens; rejects if `work` does. */
  run<T>(tokenCount: number, work: () => Promise<T>): Promise<T>;
}

/** For a context with one sequence: nothing to wait for. */
export const OPEN_GATE: Gate = { run: (_, work) => work() };

interface Waiting {
  readonly tokenCount: number;
  readonly enter: () => void;
}

/**
 * Continuous batching: the jobs of one context advance in shared steps of one batch each. A step takes the next token of
 * every job that has requested one, and up to `promptTokens` prompt tokens, first come, first served. Jobs join and leave
 * between steps, and a job whose output is not being read does not hold up the others.
 *
 * Without it, node-llama-cpp starts the next batch as soon as the first tokens are sampled, without the job that was
 * sampled last: batches of N-1, or of one with two jobs.
 */
export class StepGate implements Gate {
  readonly #promptTokens: number;
  #waiting: readonly Waiting[] = [];
  #runningCount = 0;
  #isOpening = false;

  /** `promptTokens`: the maximum per step, so that a long prompt delays the other jobs by only one batch. */
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

  /** The next tick runs after all promise callbacks: by then every job of the last step has requested its next token. */
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

  /** Single tokens always fit, and so does the oldest request, so that no job starves. */
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
