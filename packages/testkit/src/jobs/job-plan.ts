import type { ExecuteBody } from "../client/index.js";
import { InvalidOptionError } from "../errors/index.js";
import { streamTimeouts } from "../events/index.js";
import {
  checkOption,
  custom,
  defineOptions,
  group,
  isRecord,
  recordOf,
  required,
  resolveOptions,
  text,
  type OptionsOf,
} from "../options/index.js";
import { DISCONNECT_PLAN } from "./disconnect-after.js";
import { jobTrigger } from "./trigger.js";

const JOB_PLAN = defineOptions({
  /** The request. */
  request: required(custom<ExecuteBody>("a request", isRecord)),
  /** Cancels the job when the trigger is reached; see `cancelAfter()`. */
  cancelAfter: jobTrigger(),
  /** Cuts the connection; see `disconnectAfter()`. */
  disconnectAfter: group(DISCONNECT_PLAN),
  /** For this job; they take precedence over those of the worker. */
  timeouts: streamTimeouts(),
  /** Further request headers. An `x-correlation-id` replaces the fresh one that every job gets. */
  headers: recordOf(text()),
});

/** A request and what to do with it. */
export interface JobPlan extends OptionsOf<typeof JOB_PLAN> {}
/** One job for `executeAll()`: a request, or a plan around it. */
export type JobItem = ExecuteBody | JobPlan;

/**
 * Turns every item into a plan.
 *
 * @throws {INVALID_OPTION} an item that is neither, an invalid plan, or two jobs with the same id.
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
  checkOption(isRecord(item), name, { wanted: "a request or a plan", value: item });
  if (!isPlan(item)) return { request: refusePlanned(item, name) };
  const plan = resolveOptions(JOB_PLAN, item, name);
  const { request, cancelAfter, disconnectAfter } = plan;
  if (cancelAfter === undefined) return plan;
  text({ filled: true }).read(`${name}.request.job_id`, jobIdOf(request));
  const value = { cancelAfter, disconnectAfter };
  checkOption(disconnectAfter === undefined, name, { wanted: "cancelled or disconnected, not both", value });
  return plan;
}

/** A worker ignores unknown fields, so a plan inside the request would silently have no effect. */
function refusePlanned(body: ExecuteBody, name: string): ExecuteBody {
  const misplaced = ["cancelAfter", "disconnectAfter"].find((field) => Object.hasOwn(body, field));
  if (misplaced === undefined) return body;
  throw new InvalidOptionError({
    message: `Expected \`${name}\` to have \`${misplaced}\` beside its \`request\`, got it without one`,
    hint: `Write \`{ request: …, ${misplaced}: … }\`.`,
  });
}

function isPlan(item: JobItem): item is JobPlan {
  return isRecord(item["request" as keyof typeof item]);
}

function checkIds(plans: readonly JobPlan[]): void {
  const seen = new Map<string, number>();
  for (const [index, { request }] of plans.entries()) {
    const id = jobIdOf(request);
    const first = id === undefined ? undefined : seen.get(id);
    if (first !== undefined) {
      throw new InvalidOptionError({
        message: `Expected \`requests\` to have unique ids, got ${JSON.stringify(id)} at ${first} and ${index}`,
        hint: "Give every request its own `job_id`, or set `allowDuplicateIds: true` to test how the worker refuses them.",
      });
    }
    if (id !== undefined) seen.set(id, index);
  }
}
