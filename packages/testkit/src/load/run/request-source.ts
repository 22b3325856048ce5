import type { ExecuteBody } from "../../client/index.js";
import { InvalidOptionError, withReason } from "../../errors/index.js";
import { checkOption } from "../../options/index.js";
import { createRandom } from "../schedule/draws.js";
import { isConversation, type LoadRequest } from "./conversation.js";
import { WorkloadSample } from "../workload.js";

/**
 * What is sent: a list, which is repeated as needed, or a function of the index and of random numbers in (0, 1) that depend only on the
 * seed, the phase and the index. A conversation stands for all of its requests.
 */
export type LoadRequests =
  readonly LoadRequest[] | ((index: number, random: () => number, phase: "measure" | "warmup") => LoadRequest);

/** @throws {INVALID_OPTION} neither a function nor a list with at least one request. */
export function checkRequests(name: string, requests: unknown): asserts requests is LoadRequests {
  const holds = typeof requests === "function" || (Array.isArray(requests) && requests.length > 0);
  checkOption(holds, name, { wanted: "a list of requests, or a function that makes one", value: requests });
}

/**
 * Creates the requests of all phases of one kind in index order, each with a unique job id: the first request keeps its id, later ones with
 * the same id get the suffix `~1`, `~2`, …
 */
export class RequestSource {
  readonly #requests: LoadRequests;
  readonly #seed: bigint;
  readonly #phase: "measure" | "warmup";
  readonly #timesUsed = new Map<string, number>();
  readonly #made: ExecuteBody[] = [];
  readonly #followUps = new Map<number, readonly string[]>();
  #takenCount = 0;
  /** What the requests ask for, as far as they were made. */
  readonly workload = new WorkloadSample();

  constructor(requests: LoadRequests, { seed, phase }: { seed: bigint; phase: "measure" | "warmup" }) {
    this.#requests = requests;
    this.#seed = seed;
    this.#phase = phase;
  }

  /**
   * The request with this index, without forgetting it.
   *
   * @throws {INVALID_OPTION} the function threw, or did not return an object.
   */
  prepare(index: number): ExecuteBody {
    while (this.#made.length <= index) this.#made.push(this.#make(this.#made.length));
    return this.#made[index] as ExecuteBody;
  }

  /** The same; a request can be taken only once, and is forgotten after that. @throws {INVALID_OPTION} */
  take(index: number): ExecuteBody {
    const request = this.prepare(index);
    this.#made[index] = FORGOTTEN;
    this.#takenCount = Math.max(this.#takenCount, index + 1);
    return request;
  }

  /** What the user says after each answer; empty unless the request begins a conversation. */
  followUpsOf(index: number): readonly string[] {
    this.prepare(index);
    return this.#followUps.get(index) ?? [];
  }

  /** The requests that have not been taken, counted from 0: those of the next phase. */
  rest(): PhaseSource {
    const first = this.#takenCount;
    return {
      prepare: (index) => this.prepare(first + index),
      take: (index) => this.take(first + index),
      followUpsOf: (index) => this.followUpsOf(first + index),
    };
  }

  #make(index: number): ExecuteBody {
    const given = this.#ask(index);
    const isObject = typeof given === "object" && (given as object | null) !== null;
    checkOption(isObject, `requests[${index}]`, { wanted: "an object", value: given });
    if (!isConversation(given)) return this.#withOwnId(given, index);
    if (given.followUps.length > 0) this.#followUps.set(index, given.followUps);
    return this.#withOwnId(given.request, index);
  }

  #withOwnId(request: ExecuteBody, index: number): ExecuteBody {
    this.workload.add(request);
    const given = typeof request.job_id === "string" ? request.job_id : `load-${index}`;
    const id = this.#phase === "warmup" ? `warmup-${given}` : given;
    const timesUsed = this.#timesUsed.get(id) ?? 0;
    this.#timesUsed.set(id, timesUsed + 1);
    return { ...request, job_id: timesUsed === 0 ? id : `${id}~${timesUsed}` };
  }

  #ask(index: number): LoadRequest {
    if (typeof this.#requests !== "function") return this.#requests[index % this.#requests.length] as LoadRequest;
    try {
      return this.#requests(index, createRandom(this.#seed, `${this.#phase}-request-${index}`), this.#phase);
    } catch (cause) {
      const message = withReason(`\`requests\` threw for request ${index}`, cause);
      throw new InvalidOptionError({ message, cause });
    }
  }
}

/** The requests of one phase, counted from 0. */
export interface PhaseSource extends Pick<RequestSource, "prepare" | "take" | "followUpsOf"> {}

const FORGOTTEN: ExecuteBody = {};
