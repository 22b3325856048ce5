import type { ExecuteBody } from "../client/index.js";
import { checkFilledText, checkKnownOptions, checkOption, InvalidOptionError } from "../errors/index.js";
import { resolveStreamTimeouts, type StreamTimeouts } from "../events/index.js";
import { checkDisconnectPlan, type DisconnectPlan } from "./disconnect-after.js";
import { checkTrigger, type JobTrigger } from "./trigger.js";

/** A request and what is to happen to it. */
export interface JobPlan {
  readonly request: ExecuteBody;
  /** Cancels the job when the trigger is reached; see `cancelAfter()`. */
  readonly cancelAfter?: JobTrigger | undefined;
  /** Cuts the connection; see `disconnectAfter()`. */
  readonly disconnectAfter?: DisconnectPlan | undefined;
  /** Limits of this job; they go before those of the worker. */
  readonly timeouts?: StreamTimeouts | undefined;
  /** Further request headers. An `x-correlation-id` replaces the fresh one that every job gets. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** One job for `executeAll()`: a body for `POST /execute`, or a plan around it. */
export type JobItem = ExecuteBody | JobPlan;

const PLAN_NAMES = ["request", "cancelAfter", "disconnectAfter", "timeouts", "headers"] satisfies (keyof JobPlan)[];

/**
 * Brings every item into the form of a plan.
 *
 * @throws {INVALID_OPTION} an item that is neither, a wrong plan, or an id that two jobs share.
 */
export function resolvePlans(items: readonly JobItem[], allowDuplicateIds: boolean): readonly JobPlan[] {
  checkOption(Array.isArray(items), "requests", { wanted: "an array of requests or plans", value: items });
  const plans = items.map(resolvePlan);
  if (!allowDuplicateIds) checkIds(plans);
  return plans;
}

/** The id of a job, if its body has one. */
export function jobIdOf(request: ExecuteBody): string | undefined {
  return typeof request.job_id === "string" ? request.job_id : undefined;
}

function resolvePlan(item: JobItem, index: number): JobPlan {
  const name = `requests[${index}]`;
  checkOption(isObject(item), name, { wanted: "a request or a plan", value: item });
  if (!isPlan(item)) return { request: refusePlanned(item, name) };
  checkKnownOptions(name, item, PLAN_NAMES);
  const { request, cancelAfter, disconnectAfter, timeouts, headers } = item;
  checkOption(headers === undefined || isObject(headers), `${name}.headers`, { wanted: "an object", value: headers });
  if (cancelAfter !== undefined) {
    checkTrigger(`${name}.cancelAfter`, cancelAfter);
    checkFilledText(`${name}.request.job_id`, jobIdOf(request));
  }
  if (disconnectAfter !== undefined) {
    checkDisconnectPlan(`${name}.disconnectAfter`, disconnectAfter);
    const value = { cancelAfter, disconnectAfter };
    checkOption(cancelAfter === undefined, name, { wanted: "cancelled or disconnected, not both", value });
  }
  resolveStreamTimeouts(timeouts);
  return item;
}

/** A worker ignores fields that it does not know: a plan in the body would not happen, and nobody would be told. */
function refusePlanned(body: ExecuteBody, name: string): ExecuteBody {
  const misplaced = ["cancelAfter", "disconnectAfter"].find((field) => Object.hasOwn(body, field));
  if (misplaced === undefined) return body;
  throw new InvalidOptionError({
    message: `Expected \`${name}\` to have \`${misplaced}\` beside its \`request\`, got it without one`,
    hint: `Write \`{ request: …, ${misplaced}: … }\`.`,
  });
}

function isPlan(item: JobItem): item is JobPlan {
  return isObject(item["request" as keyof typeof item]);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkIds(plans: readonly JobPlan[]): void {
  const seen = new Map<string, number>();
  for (const [index, { request }] of plans.entries()) {
    const id = jobIdOf(request);
    const first = id === undefined ? undefined : seen.get(id);
    if (first !== undefined) {
      throw new InvalidOptionError({
        message: `Expected \`requests\` to have an id of its own each, got ${JSON.stringify(id)} at ${first} and ${index}`,
        hint: "Give every request its own `job_id`, or set `allowDuplicateIds: true` to test how the worker refuses them.",
      });
    }
    if (id !== undefined) seen.set(id, index);
  }
}
