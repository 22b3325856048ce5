import * as v from "valibot";
import { preview } from "inference-worker-protocol/validation";
import { describeUnknownName } from "inference-worker-protocol/validation";
import { suggest } from "inference-worker-protocol/validation";
import { definitionOf, FAULT_IDS, FAULTS, type FaultId } from "./catalogue.js";
import { pointSchema, type FaultPoint, type FaultProvider, type NoParams, type PointInput } from "./define-fault.js";

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const when = v.lazy<v.GenericSchema<FaultWhen>>((input) => {
  if (typeof input !== "object" || input === null) return v.literal("always");
  const [kind] = Object.keys(input);
  if (kind === "nth") return v.strictObject({ nth: positive });
  if (kind === "first") return v.strictObject({ first: positive });
  if (kind === "every") return v.strictObject({ every: positive });
  if (kind === "p") return v.strictObject({ p: probability });
  return v.custom<FaultWhen>(() => false, 'expected "always", { nth: n }, { first: n }, { every: n } or { p: 0.1 }');
});

/**
 * Which of the matching requests: the nth (from 1), the first n, every kth, each with a seeded probability, or all. Requests are
 * counted in order of arrival; a probability depends only on seed, fault and job id.
 */
export type FaultWhen =
  | "always"
  | { readonly nth: number }
  | { readonly first: number }
  | { readonly every: number }
  | { readonly p: number };

/** Which requests a fault applies to. `*` matches any text in both patterns. */
export interface FaultMatch {
  readonly jobId?: string | undefined;
  /** Path of the request; only for proxy faults. @default any path that runs a job */
  readonly path?: string | undefined;
}

/** The options that every fault has in addition to its parameters. */
export interface FaultTrigger {
  readonly match?: FaultMatch | undefined;
  /** @default "always" */
  readonly when?: FaultWhen | undefined;
  /** Maximum number of times it fires. @default no limit */
  readonly times?: number | undefined;
  /** Whether the test passes if it never fires. @default false */
  readonly optional?: boolean | undefined;
}

const TRIGGER = {
  match: v.optional(
    v.strictObject({ jobId: v.optional(v.string()), path: v.optional(v.pipe(v.string(), v.startsWith("/"))) }),
    {},
  ),
  when: v.optional(when, "always"),
  times: v.optional(positive),
  optional: v.optional(v.boolean(), false),
} as const;

type ParamSchemas<Id extends FaultId> = (typeof FAULTS)[Id]["params"];
/** Every parameter of every fault is optional. */
type ParamInput<Id extends FaultId> = {
  readonly [Name in keyof ParamSchemas<Id>]?: InputOf<ParamSchemas<Id>[Name]>;
};
type ParamOutput<Id extends FaultId> = {
  readonly [Name in keyof ParamSchemas<Id>]: OutputOf<ParamSchemas<Id>[Name]>;
};
type InputOf<Schema> = Schema extends v.GenericSchema ? v.InferInput<Schema> : never;
type OutputOf<Schema> = Schema extends v.GenericSchema ? v.InferOutput<Schema> : never;
type Points<Id extends FaultId> = (typeof FAULTS)[Id]["at"][number];
type AtInput<Id extends FaultId> = [Points<Id>] extends [never]
  ? NoParams
  : { readonly at?: PointInput<Points<Id>> | undefined };

/** A fault to arm: its id, its own parameters, and the trigger. Everything but the id has a default. */
export type FaultSpec<Id extends FaultId = FaultId> = {
  [Each in Id]: { readonly id: Each } & ParamInput<Each> & AtInput<Each> & FaultTrigger;
}[Id];

/** A fault with every default filled in. */
export type ResolvedFault<Id extends FaultId = FaultId> = {
  [Each in Id]: { readonly id: Each; readonly params: ParamOutput<Each> } & ResolvedTrigger;
}[Id];

/** The trigger of a {@link ResolvedFault}. */
export interface ResolvedTrigger {
  readonly match: FaultMatch;
  readonly when: FaultWhen;
  readonly times: number | undefined;
  readonly optional: boolean;
  /** `undefined` for a fault without a point. */
  readonly at: FaultPoint | undefined;
}

/** The ids of a provider's faults. */
export type FaultIdOf<Provider extends FaultProvider> = {
  [Id in FaultId]: (typeof FAULTS)[Id]["provider"] extends Provider ? Id : never;
}[FaultId];

type SpecSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;
const schemas = new Map<FaultId, SpecSchema>();

/**
 * Checks a list of faults for one provider. All or nothing: if one entry is invalid, none is accepted.
 *
 * @throws {TypeError} unknown id, a fault of another provider, unknown key, value out of range, or a point that this fault does not
 * allow.
 * @example parseFaults([{ id: "vram-oom", at: { afterTokens: 5 } }], "stub")
 */
export function parseFaults(value: unknown, provider: FaultProvider): ResolvedFault[] {
  if (!Array.isArray(value)) throw new TypeError(`Expected \`faults\` to be an array, got ${preview(value)}`);
  return value.map((entry: unknown, index) => parseFault(entry, { provider, name: `faults[${index}]` }));
}

function parseFault(value: unknown, { provider, name }: { provider: FaultProvider; name: string }): ResolvedFault {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`Expected \`${name}\` to be a fault such as { id: "rst" }, got ${preview(value)}`);
  }
  const id = parseId((value as { id?: unknown }).id, { provider, name });
  const result = v.safeParse(schemaOf(id), value);
  if (!result.success) throw describeIssue(result.issues[0], { id, name });
  const { path } = result.output["match"] as FaultMatch;
  if (path !== undefined && provider !== "proxy") {
    throw new TypeError(`\`${name}.match.path\` is only for proxy faults; \`${id}\` has no path`);
  }
  return resolve(id, result.output);
}

function parseId(id: unknown, { provider, name }: { provider: FaultProvider; name: string }): FaultId {
  const provided = FAULT_IDS.filter((known) => definitionOf(known).provider === provider);
  if (typeof id !== "string" || !Object.hasOwn(FAULTS, id)) {
    throw new TypeError(
      `Expected \`${name}.id\` to be one of ${provided.join(", ")}, got ${preview(id)}${suggest(id, FAULT_IDS)}`,
    );
  }
  if (provided.includes(id as FaultId)) return id as FaultId;
  const needed = definitionOf(id as FaultId).provider;
  throw new TypeError(`Expected \`${name}.id\` to be one of ${provided.join(", ")}; \`${id}\` needs the ${needed}`);
}

function schemaOf(id: FaultId): SpecSchema {
  const known = schemas.get(id);
  if (known !== undefined) return known;
  const { params, at } = definitionOf(id);
  const point = at.length === 0 ? {} : { at: v.optional(pointSchema(at)) };
  const entries: v.ObjectEntries = { id: v.literal(id), ...params, ...point, ...TRIGGER };
  const schema = v.strictObject(entries);
  schemas.set(id, schema);
  return schema;
}

function resolve(id: FaultId, output: Record<string, unknown>): ResolvedFault {
  const { match, when: chosen, times, optional, at = definitionOf(id).defaultAt, ...rest } = output;
  const { id: _id, ...params } = rest;
  return { id, params, match, when: chosen, times, optional, at } as unknown as ResolvedFault;
}

function describeIssue(issue: v.BaseIssue<unknown>, { id, name }: { id: FaultId; name: string }): TypeError {
  const path = v.getDotPath(issue);
  const field = path === null ? name : `${name}.${path}`;
  if (issue.expected === "never") {
    const known = describeUnknownName(schemaOf(id), issue);
    return new TypeError(`\`${field}\` is not a parameter of this fault${known === undefined ? "" : `: ${known}`}`);
  }
  return new TypeError(`\`${field}\`: ${issue.message}`);
}
