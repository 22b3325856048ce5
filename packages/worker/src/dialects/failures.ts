import {
  InvalidRequestError,
  WORKER_ERRORS,
  WorkerError,
  type ErrorEvent,
  type WorkerErrorCode,
} from "inference-worker-protocol";
import type { ErrorFacts, ServedModel } from "./dialect.js";

/** Longest message of an answer: it may quote what was sent. */
const MAX_MESSAGE_CHARACTERS = 2_000;

/** A field that is wrong, missing or not supported. */
export function invalidField(param: string, problem: string): WorkerError {
  return new WorkerError("INVALID_REQUEST", `\`${param}\` ${problem}`, { details: { param } });
}

/**
 * Checks that the worker serves the model that the client wants.
 *
 * @throws {WorkerError} NOT_FOUND
 */
export function requireModel(model: string, { names, takesEveryName }: ServedModel): void {
  if (takesEveryName || names.includes(model)) return;
  const shown = model.length > 80 ? `${model.slice(0, 80)}…` : model;
  const message = `The model \`${shown}\` does not exist; this worker serves ${names.map((name) => `\`${name}\``).join(", ")}`;
  throw new WorkerError("NOT_FOUND", message, { details: { param: "model", unknownModel: true } });
}

/** What a dialect has to report of a refused request. */
export function factsOf(cause: unknown): ErrorFacts {
  if (cause instanceof InvalidRequestError) {
    const message = cause.errors.map((error) => error.message).join("; ");
    return { code: "INVALID_REQUEST", status: 400, message: shorten(message), param: cause.errors[0]?.field };
  }
  const error = cause instanceof WorkerError ? cause : new WorkerError("INTERNAL", "unexpected failure", { cause });
  const { param, unknownModel } = error.details;
  return {
    code: error.code,
    status: error.info.status,
    message: shorten(error.message),
    param: typeof param === "string" ? param : undefined,
    isUnknownModel: unknownModel === true,
  };
}

/** What a dialect has to report of a failed job. */
export function factsOfEvent({ code, message }: ErrorEvent): ErrorFacts {
  return { code, message, status: WORKER_ERRORS[code as WorkerErrorCode].status };
}

function shorten(message: string): string {
  return message.length > MAX_MESSAGE_CHARACTERS ? `${message.slice(0, MAX_MESSAGE_CHARACTERS)}…` : message;
}
