import type { EngineRequest } from "../engine.js";

type SamplingParameters = Pick<EngineRequest, "temperature" | "top_p" | "top_k" | "min_p" | "repetition_penalty">;

/**
 * The sampling chain of a real engine on a handful of logits: repetition penalty, temperature, top-k, top-p, min-p, draw, so
 * that every sampling parameter of a request has an effect in stub mode too. It works in place, in its own memory: allocating an
 * object per candidate took longer than everything else about a token.
 */
export class Sampler {
  /** Logit of each token; fill it before each draw, which modifies it. */
  readonly logits: Float64Array;
  readonly #probabilities: Float64Array;
  /** Tokens, most likely first; ties in vocabulary order. */
  readonly #order: Uint16Array;
  readonly #options: SamplingParameters;

  constructor(vocabularySize: number, options: SamplingParameters) {
    this.logits = new Float64Array(vocabularySize);
    this.#probabilities = new Float64Array(vocabularySize);
    this.#order = new Uint16Array(vocabularySize);
    this.#options = options;
  }

  /** @param draw A number in [0, 1) that selects the token. */
  sample(recent: readonly number[], draw: number): number {
    const { temperature, top_k, top_p, min_p, repetition_penalty } = this.#options;
    if (repetition_penalty !== 1) this.#penalise(new Set(recent), repetition_penalty);
    if (temperature === 0) return this.#likeliest();
    this.#softmax(temperature);
    if (top_k === 0 && top_p >= 1 && min_p === 0) return this.#select(draw);
    this.#sort();
    let kept = this.#order.length;
    if (top_k > 0) kept = Math.min(kept, top_k);
    if (top_p < 1) kept = this.#countTopP(kept, top_p);
    if (min_p > 0) kept = this.#countMinP(kept, min_p);
    return this.#pick(kept, draw);
  }

  #penalise(recent: ReadonlySet<number>, penalty: number): void {
    for (const token of recent) {
      const logit = this.logits[token] ?? 0;
      this.logits[token] = logit > 0 ? logit / penalty : logit * penalty;
    }
  }

  #likeliest(): number {
    let best = 0;
    let highest = -Infinity;
    for (let token = 0; token < this.logits.length; token++) {
      const logit = this.logits[token] ?? 0;
      if (logit <= highest) continue;
      highest = logit;
      best = token;
    }
    return best;
  }

  #softmax(temperature: number): void {
    const highest = this.logits[this.#likeliest()] ?? 0;
    const probabilities = this.#probabilities;
    let sum = 0;
    for (let token = 0; token < probabilities.length; token++) {
      const weight = Math.exp(((this.logits[token] ?? 0) - highest) / temperature);
      probabilities[token] = weight;
      sum += weight;
    }
    for (let token = 0; token < probabilities.length; token++) probabilities[token] = (probabilities[token] ?? 0) / sum;
  }

  /** Insertion sort: for about fifty numbers nothing is faster. */
  #sort(): void {
    const order = this.#order;
    const probabilities = this.#probabilities;
    for (let token = 0; token < order.length; token++) {
      const probability = probabilities[token] ?? 0;
      let place = token;
      for (; place > 0; place--) {
        const before = order[place - 1] ?? 0;
        if ((probabilities[before] ?? 0) >= probability) break;
        order[place] = before;
      }
      order[place] = token;
    }
  }

  /**
   * Finds what {@link #pick} would find among all tokens in order, without sorting them: each round discards the wrong side of a
   * pivot, about half of the tokens.
   */
  #select(draw: number): number {
    const order = this.#order;
    for (let token = 0; token < order.length; token++) order[token] = token;
    let [from, to, rest] = [0, order.length, draw];
    while (to - from > 1) {
      const { likelier, equal, sum, pivot } = this.#partition(from, to);
      const sumEqual = pivot * (equal - likelier);
      if (rest < sum) {
        to = likelier;
      } else if (rest < sum + sumEqual || equal === to) {
        const step = Math.min(equal - likelier - 1, Math.floor((rest - sum) / pivot));
        return order[likelier + step] ?? 0;
      } else {
        rest -= sum + sumEqual;
        from = equal;
      }
    }
    return order[from] ?? 0;
  }

  /** Moves the more likely tokens of a range before those that are as likely as the middle one; `sum` is their probability. */
  #partition(from: number, to: number) {
    const [order, probabilities] = [this.#order, this.#probabilities];
    const pivot = probabilities[order[(from + to) >> 1] ?? 0] ?? 0;
    let [likelier, equal, sum] = [from, to, 0];
    for (let place = from; place < equal;) {
      const token = order[place] ?? 0;
      const probability = probabilities[token] ?? 0;
      if (probability < pivot) {
        order[place] = order[--equal] ?? 0;
        order[equal] = token;
        continue;
      }
      if (probability > pivot) {
        sum += probability;
        order[place] = order[likelier] ?? 0;
        order[likelier++] = token;
      }
      place++;
    }
    return { likelier, equal, sum, pivot };
  }

  #probabilityAt(place: number): number {
    return this.#probabilities[this.#order[place] ?? 0] ?? 0;
  }

  /** The smallest set of most likely tokens whose probabilities reach `topP`; at least one. */
  #countTopP(kept: number, topP: number): number {
    let sum = 0;
    for (let place = 0; place < kept; place++) if ((sum += this.#probabilityAt(place)) >= topP) return place + 1;
    return kept;
  }

  #countMinP(kept: number, minP: number): number {
    const floor = this.#probabilityAt(0) * minP;
    let count = 0;
    while (count < kept && this.#probabilityAt(count) >= floor) count++;
    return count;
  }

  #pick(kept: number, draw: number): number {
    let sum = 0;
    for (let place = 0; place < kept; place++) sum += this.#probabilityAt(place);
    let rest = draw * sum;
    for (let place = 0; place < kept; place++)
      if ((rest -= this.#probabilityAt(place)) < 0) return this.#order[place] ?? 0;
    return this.#order[Math.max(0, kept - 1)] ?? 0;
  }
}
