import type { ExecuteRequest } from "inference-worker-protocol";
import type { Chat } from "../engine/chat.js";
import type { EngineFeature, OutputFormat } from "../engine/engine.js";
import type { AnswerEncoder } from "../jobs/index.js";

/** A decoded body. */
export type JsonObject = Record<string, unknown>;

/** What a dialect may know of the worker. */
export interface ServedModel {
  /** Its own name, and those that it answers to as well. */
  readonly names: readonly string[];
  /** Whether it answers to every name. */
  readonly takesEveryName: boolean;
  readonly features: ReadonlySet<EngineFeature>;
  readonly contextLength: number;
  readonly quantKind: string;
}

/** What the client asked for; the names are those of `POST /execute`. */
export interface Ask {
  readonly model: string;
  /** Text, or a conversation that the model's template turns into text. */
  readonly input: string | Chat;
  readonly sampling: Sampling;
  /** The most tokens; not more than the worker's own limit and the context allow. */
  readonly maxTokens?: number | undefined;
  readonly format?: OutputFormat | undefined;
  readonly ignoreEos?: boolean | undefined;
  readonly topLogprobs?: number | undefined;
  /** What the dialect calls the fields of `POST /execute`, where that differs. */
  readonly names: Readonly<Record<string, string>>;
  /** How the job's id begins, if the client does not choose it. */
  readonly idPrefix: string;
  createEncoder(facts: AnswerFacts): AnswerEncoder;
}

export type Sampling = Omit<ExecuteRequest, "job_id" | "prompt" | "max_tokens">;

/** What an answer says about its job. */
export interface AnswerFacts {
  /** The job's id. */
  readonly id: string;
  /** The name that the client used. */
  readonly model: string;
  readonly promptTokens: number;
  readonly createdAtMs: number;
}

/** A route that runs jobs. */
export interface Dialect {
  /**
   * Reads a body.
   *
   * @throws {WorkerError} INVALID_REQUEST, NOT_FOUND for an unknown model; `details.param` names the field.
   */
  read(body: JsonObject, served: ServedModel): Ask;
}

/** A failure as a dialect has to report it. */
export interface ErrorFacts {
  /** A code of the catalogue. */
  readonly code: string;
  readonly message: string;
  readonly status: number;
  /** The field that is wrong. */
  readonly param?: string | undefined;
  readonly isUnknownModel?: boolean | undefined;
}

/** How a family of dialects reports failures. */
export interface ErrorForm {
  statusOf(facts: ErrorFacts): number;
  bodyOf(facts: ErrorFacts): object;
}
