import type { EngineRequest } from "../engine.js";

type SamplingParameters = Pick<EngineRequest, "temperature" | "top_p" | "top_k" | "min_p" | "repetition_penalty">;

/**
 * The sampling chain of a real engine on a handful of logits: repetition penalty, temperature, top-k, top-p, min-p, draw.
 * So every sampling parameter of a request has its effect in stub mode as well. It works in place, in memory of its own: objects
 * for each candidate took longer than everything else that a token costs.
 */
export class Sampler {
  /** Logit of each token; to be filled before each draw, and changed by it. */
  readonly logits: Float64Array;
  readonly #probabilities: Float64Array;
  /** Tokens, the likeliest first; ties in the order of the vocabulary. */
  readonly #order: Uint16Array;
  readonly #options: SamplingParameters;

  constructor(vocabularySize: number, options: SamplingParameters) {
    this.logits = new Float64Array(vocabularySize);
    this.#probabilities = new Float64Array(vocabularySize);
    this.#order = new Uint16Array(vocabularySize);
    this.#options = options;
  }

  /** @param draw A number in [0, 1) that decides. */
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

  /** By insertion: for some fifty numbers nothing is faster. */
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
   * What {@link #pick} finds among all tokens in their order, without bringing them into it: what lies on the wrong side of a
   * pivot is put aside, half of the rest each time.
   */
  #select(draw: number): number {
    const [order, probabilities] = [this.#order, this.#probabilities];
    for (let token = 0; token < order.length; token++) order[token] = token;
    let [from, to, rest] = [0, order.length, draw];
    while (to - from > 1) {
      const pivot = probabilities[order[(from + to) >> 1] ?? 0] ?? 0;
      let [above, sumAbove, low] = [from, 0, to];
      for (let place = from; place < low; ) {
        const token = order[place] ?? 0;
        const probability = probabilities[token] ?? 0;
        if (probability > pivot) {
          sumAbove += probability;
          order[place++] = order[above] ?? 0;
          order[above++] = token;
        } else if (probability < pivot) {
          order[place] = order[--low] ?? 0;
          order[low] = token;
        } else place++;
      }
      const sumEqual = pivot * (low - above);
      if (rest < sumAbove) to = above;
      else if (rest < sumAbove + sumEqual || low === to) return order[above + Math.min(low - above - 1, Math.floor((rest - sumAbove) / pivot))] ?? 0;
      else {
        rest -= sumAbove + sumEqual;
        from = low;
      }
    }
    return order[from] ?? 0;
  }

  #probabilityAt(place: number): number {
    return this.#probabilities[this.#order[place] ?? 0] ?? 0;
  }

  /** The smallest set of the likeliest tokens whose probabilities reach `topP`; at least one. */
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
    for (let place = 0; place < kept; place++) if ((rest -= this.#probabilityAt(place)) < 0) return this.#order[place] ?? 0;
    return this.#order[Math.max(0, kept - 1)] ?? 0;
  }
}
