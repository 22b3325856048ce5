import type { ExecuteRequest } from "inference-worker-protocol";
import type { ExecuteBody } from "../client/index.js";
import { parseEvent, type InferenceEvent } from "../dialects/index.js";
import { isTestkitError } from "../errors/index.js";
import type { CollectedStream, EventsInput } from "../events/index.js";
import type { CancelResult, JobItem, JobOutcome } from "../jobs/index.js";
import {
  checkedBy,
  checkOption,
  custom,
  isRecord,
  required,
  resolveOptions,
  text,
  integer,
  type Option,
  type OptionTable,
} from "../options/index.js";
import { makeTestRequest, type TestRequestOverrides } from "../requests/index.js";

/** Options that are objects of a program and cannot be sent. */
const UNSENDABLE = ["signal", "onProgress", "probe", "job", "recover", "hostFaults", "gpuBackend"];

/** The names of a table of options that a client can send. */
export function sendableNames(table: OptionTable): readonly string[] {
  return Object.keys(table).filter((name) => !UNSENDABLE.includes(name));
}

/** Options of a function of the framework, which checks them again and applies the defaults. @default none */
export function optionsOf<Given>(
  table: OptionTable,
): Option<Given> & { readonly fallback: Given; readonly names: readonly string[] } {
  const names = sendableNames(table);
  const sendable: OptionTable = Object.fromEntries(Object.entries(table).filter(([name]) => names.includes(name)));
  return {
    read: (name, value) => {
      resolveOptions(sendable, value as never, name);
      return value as Given;
    },
    fallback: {} as Given,
    names,
  };
}

/** The handle of something that was created before. */
export function handle(): Option<string> & { readonly isRequired: true } {
  return required(text({ filled: true }));
}

const TEST_REQUEST = {
  jobId: required(text()),
  prompt: required(text()),
  maxTokens: required(integer([-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER])),
  overrides: custom<TestRequestOverrides>("an object", isRecord),
};

/** A request: sent unchanged, or `{ testRequest: { jobId, prompt, maxTokens, overrides? } }` for `makeTestRequest()`. */
export function request(): Option<ExecuteBody> & { readonly isRequired: true } {
  return required({ read: readRequest });
}

function readRequest(name: string, value: unknown): ExecuteBody {
  checkOption(isRecord(value), name, { wanted: "a request, or { testRequest: { jobId, prompt, maxTokens } }", value });
  return isRecord(value["testRequest"]) ? buildTestRequest(`${name}.testRequest`, value["testRequest"]) : value;
}

/** @throws {INVALID_OPTION} */
export function buildTestRequest(name: string, value: unknown): ExecuteRequest {
  const { jobId, prompt, maxTokens, overrides } = resolveOptions(TEST_REQUEST, value as never, name);
  return makeTestRequest(jobId, prompt, maxTokens, overrides);
}

/** The requests of `executeAll()`, or plans around them. */
export function jobItems(): Option<readonly JobItem[]> & { readonly isRequired: true } {
  return required({
    read: (name, value) => {
      checkOption(Array.isArray(value), name, { wanted: "an array of requests or plans", value });
      return value.map((item: unknown, index) => readItem(`${name}[${index}]`, item));
    },
  });
}

function readItem(name: string, item: unknown): JobItem {
  checkOption(isRecord(item), name, { wanted: "a request or a plan", value: item });
  if (!isRecord(item["request"])) return readRequest(name, item);
  return { ...item, request: readRequest(`${name}.request`, item["request"]) };
}

/** The events of a job, or a collected stream: as they were received, or written by the client. */
export function events(): Option<EventsInput> & { readonly isRequired: true } {
  return required({
    read: (name, value) => {
      if (Array.isArray(value)) return readEvents(name, value);
      const isStream = isRecord(value) && Array.isArray(value["events"]) && isRecord(value["outcome"]);
      checkOption(isStream, name, { wanted: "an array of events or a collected stream", value });
      return readStream(name, value);
    },
  });
}

function readEvents(name: string, values: readonly unknown[]): readonly InferenceEvent[] {
  return values.map((value, index) => {
    try {
      return parseEvent(value);
    } catch (error) {
      const wanted = `an event (${(error as Error).message})`;
      checkOption(false, `${name}[${index}]`, { wanted, value });
      throw error; // not reached
    }
  });
}

function readStream(name: string, value: Readonly<Record<string, unknown>>): CollectedStream {
  const checked = readEvents(`${name}.events`, value["events"] as readonly unknown[]);
  return { ...(value as unknown as CollectedStream), events: checked };
}

/** The result of `response.cancelAfter`. */
export function cancelResult(): Option<CancelResult> & { readonly isRequired: true } {
  return required(
    checkedBy((name, value: CancelResult) => {
      checkOption(isRecord(value), name, { wanted: "a result of `response.cancelAfter`", value });
      return reviveError(value);
    }),
  );
}

/** The outcomes of `worker.executeAll`. */
export function outcomes(): Option<readonly JobOutcome[]> & { readonly isRequired: true } {
  return required({
    read: (name, value) => {
      const holds = Array.isArray(value) && value.every(isRecord);
      checkOption(holds, name, { wanted: "the outcomes of `worker.executeAll`", value });
      return value.map((outcome: object) => reviveError(outcome) as JobOutcome);
    },
  });
}

/** Messages of assertions quote the errors of outcomes, which arrive as data. */
function reviveError<T extends object>(value: T): T {
  const { error } = value as { readonly error?: unknown };
  if (!isRecord(error) || typeof error["message"] !== "string") return value;
  return { ...value, error: new Error(error["message"]) };
}

/** Runs an assertion on data that a client may have changed: what the assertion cannot read is an invalid option. */
export function judge<R>(name: string, run: () => R): R {
  try {
    return run();
  } catch (error) {
    if (isTestkitError(error) || !(error instanceof TypeError)) throw error;
    checkOption(false, name, { wanted: `as the engine returned it (${error.message})`, value: {} });
    throw error; // not reached
  }
}
