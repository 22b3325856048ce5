import type { Dialect } from "../../dialects/index.js";
import type { LoadOptions } from "../../load/index.js";
import { makeTestRequest } from "../../requests/index.js";
import { makeItem, type WorkloadItem, type WorkloadOptions } from "../../requests/workload/index.js";
import type { RequestFit } from "./fit-requests.js";
import type { ProfileFlags } from "./flags.js";

const DEFAULT_PROMPT = "Write a short story about a lighthouse.";
/** Every dialect that has seeds takes those of 31 bits. */
const MOST_SEED = 2 ** 31;

type RequestMaker = Extract<LoadOptions["requests"], (...args: never[]) => unknown>;

/** What requests are made of. */
export interface RequestPlan {
  readonly flags: Pick<ProfileFlags, "prompt" | "maxTokens">;
  readonly workload: WorkloadOptions | undefined;
}

/** What is known once the server answers. */
export interface ServedBy {
  readonly fit: RequestFit;
  readonly dialect: Dialect;
}

/** Makes the requests, and remembers how many tokens each may have. */
export class ProfileRequests {
  readonly #plan: RequestPlan;
  readonly #served: ServedBy | undefined;
  readonly #maxTokens = new Map<string, number>();

  /** @param served `undefined`: the requests are only checked, not sent. */
  constructor(plan: RequestPlan, served?: ServedBy) {
    this.#plan = plan;
    this.#served = served;
  }

  /** The largest limit of a request that was made. */
  get mostTokens(): number {
    let most = 0;
    for (const tokens of this.#maxTokens.values()) most = Math.max(most, tokens);
    return most;
  }

  /** The limit on the tokens of a request that was made. */
  maxTokensOf(jobId: string | null): number {
    return this.#maxTokens.get(jobId?.replace(/-turn-\d+$/, "") ?? "") ?? this.#plan.flags.maxTokens;
  }

  /**
   * Every request begins differently, also in the warm-up, and has a seed of its own: a server answers a prompt that it has seen from its
   * prefix cache. A prompt that was given is sent as it is. A dialect without seeds gets none, and a server that may be strict no fields that
   * OpenAI's API does not have.
   */
  readonly make: RequestMaker = (index, random, phase) => {
    const { flags, workload } = this.#plan;
    const number = Math.floor(random() * MOST_SEED);
    const jobId = `profile-${index}`;
    if (workload === undefined) {
      const text = flags.prompt ?? `Story ${number}. ${DEFAULT_PROMPT}`;
      return this.#finish(makeTestRequest(jobId, text, flags.maxTokens, { seed: this.#seedOf(number) }));
    }
    const item = makeItem(workload, { index, random, isWarmup: phase === "warmup" });
    if (phase !== "warmup") this.#maxTokens.set(jobId, item.maxTokens);
    const { prompt, ...request } = makeTestRequest(jobId, joinText(item), item.maxTokens, {
      seed: this.#seedOf(number),
    });
    const isChat = item.talk.isChat && takesMessages(this.#served?.dialect);
    const asked = this.#finish({ ...request, ...(isChat ? { messages: toMessages(item) } : { prompt }) });
    return item.followUps.length === 0 ? asked : { request: asked, followUps: item.followUps };
  };

  #seedOf(number: number): number | null {
    return this.#served?.fit.hasSeed === false ? null : number;
  }

  #finish<T extends object>(request: T): T {
    const fit = this.#served?.fit;
    return {
      ...request,
      ...(fit?.ignoreEos.sent === true && { extraBody: { ignore_eos: true } }),
      ...(fit?.isPlain === true && { top_k: null, min_p: null }),
    };
  }
}

/** Whether a request of the dialect may have `messages`, to which the server applies its chat template. */
export function takesMessages(dialect: Dialect | undefined): boolean {
  return (
    dialect !== undefined && dialect.name !== "orcd" && dialect.capabilities.refused?.includes("messages") !== true
  );
}

function toMessages({ talk }: WorkloadItem): object[] {
  return [...talk.history, { role: "user", content: talk.opening }];
}

function joinText({ talk }: WorkloadItem): string {
  return [...talk.history.map(({ content }) => content), talk.opening].join("\n\n");
}
