import { randomBytes, randomUUID } from "node:crypto";
import { CORRELATION_ID_HEADER } from "inference-worker-protocol";
import type { ExecuteBody, ExecuteResponse } from "../client/index.js";
import { extractText } from "../events/index.js";
import type { JobOutcome } from "./job-outcome.js";
import { jobIdOf, type JobPlan } from "./job-plan.js";

const NONCE = /nonce-[0-9a-f]{16}/g;

/** A request as it is sent, with the marks that distinguish it from the others. */
interface MarkedRequest {
  readonly request: ExecuteBody;
  readonly headers: Readonly<Record<string, string>>;
  readonly correlationId: string;
}

/** Marks the requests of one `executeAll()` and finds answers that carry the mark of another request. */
export class Tracer {
  readonly #plans: readonly JobPlan[];
  readonly #usesNonces: boolean;
  readonly #byCorrelationId = new Map<string, number>();
  readonly #byNonce = new Map<string, number>();

  constructor(plans: readonly JobPlan[], usesNonces: boolean) {
    this.#plans = plans;
    this.#usesNonces = usesNonces;
  }

  /** Gives a request a fresh correlation id, unless its plan has one, and a nonce at the end of its prompt if requested. */
  mark(index: number, { request, headers }: JobPlan): MarkedRequest {
    const given = lowerCaseNames(headers ?? {});
    const correlationId = given[CORRELATION_ID_HEADER] ?? randomUUID();
    this.#byCorrelationId.set(correlationId, index);
    const marked = { ...given, [CORRELATION_ID_HEADER]: correlationId };
    return { request: this.#usesNonces ? this.#addNonce(index, request) : request, headers: marked, correlationId };
  }

  /**
   * An answer with the correlation id of another request is cross-talk; a missing id, or one that the worker made up, is
   * not.
   */
  checkHeader(outcome: JobOutcome, response: Pick<ExecuteResponse, "correlationId">): JobOutcome {
    const echoed = response.correlationId;
    if (echoed === undefined || echoed === outcome.correlationId) return outcome;
    const other = this.#byCorrelationId.get(echoed);
    return other === undefined
      ? outcome
      : this.#toCrossTalk(outcome, other, "it carries the correlation id of that job");
  }

  /** Searches the text of every stream for the nonces of other jobs. Call it when every job has ended. */
  checkNonces(outcomes: readonly JobOutcome[]): JobOutcome[] {
    if (!this.#usesNonces) return [...outcomes];
    return outcomes.map((outcome) => {
      const found = outcome.stream === undefined ? [] : (extractText(outcome.stream).match(NONCE) ?? []);
      const others = found.map((nonce) => this.#byNonce.get(nonce)).filter((index) => index !== outcome.index);
      const other = others.find((index) => index !== undefined);
      return other === undefined
        ? outcome
        : this.#toCrossTalk(outcome, other, "its text contains the nonce of that job");
    });
  }

  #addNonce(index: number, request: ExecuteBody): ExecuteBody {
    if (typeof request.prompt !== "string") return request;
    const nonce = `nonce-${randomBytes(8).toString("hex")}`;
    this.#byNonce.set(nonce, index);
    return { ...request, prompt: `${request.prompt} ${nonce}` };
  }

  #toCrossTalk(outcome: JobOutcome, other: number, what: string): JobOutcome {
    const { index, jobId, correlationId, timings, cancel, disconnect, stream } = outcome;
    const facts = { index, jobId, correlationId, timings, cancel, disconnect, stream };
    const plan = this.#plans[other];
    const otherJobId = plan === undefined ? undefined : jobIdOf(plan.request);
    const message = `the answer to job ${name(jobId, index)} belongs to job ${name(otherJobId, other)}: ${what}`;
    return { ...facts, status: "cross-talk", otherJobId, message };
  }
}

function lowerCaseNames(headers: NonNullable<JobPlan["headers"]>): Record<string, string> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value]));
}

function name(jobId: string | undefined, index: number): string {
  return jobId === undefined ? `number ${index}` : JSON.stringify(jobId);
}
