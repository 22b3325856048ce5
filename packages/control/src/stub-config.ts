import * as v from "valibot";
import { parseFaults, type FaultIdOf, type FaultSpec, type ResolvedFault } from "./faults/index.js";
import { describeUnknownName } from "inference-worker-protocol/validation";
import { parseMutants, type MutantId } from "./mutants/index.js";
import { stubReply } from "./stub-reply.js";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(3_600_000));

const kind = v.picklist(["words", "counter", "echo", "unicode", "instructions"]);
const script = v.strictObject({ script: v.pipe(v.array(v.string()), v.minLength(1)) });
/** Selected by the type of the input: a union would only report that neither option matches. */
const content = v.lazy<typeof kind | typeof script>((input) => (typeof input === "object" ? script : kind));

const pair = v.pipe(
  v.tuple([milliseconds, milliseconds]),
  v.check(([min, max]) => min <= max, "Expected [min, max] with min ≤ max"),
);
/** A fixed inter-token latency, a list that repeats, or a seeded distribution. */
const itl = v.lazy<v.GenericSchema<StubItl>>((input) => {
  if (typeof input !== "object" || input === null) return milliseconds;
  if (Array.isArray(input)) return v.pipe(v.array(milliseconds), v.minLength(1));
  if ("uniform" in input) return v.strictObject({ uniform: pair });
  if ("logNormal" in input) return v.strictObject({ logNormal: v.strictObject({ medianMs: milliseconds, sigma }) });
  return v.strictObject({ normal: v.strictObject({ meanMs: milliseconds, sdMs: milliseconds }) });
});
const sigma = v.pipe(v.number(), v.minValue(0), v.maxValue(5));
const bytes = v.pipe(count, v.maxValue(2 ** 50));

/**
 * Inter-token latency in ms (inter-burst latency with `burst`): a number, a list that repeats, or a distribution. A draw depends only on
 * the seed, the job and the token. Negative draws count as 0.
 */
export type StubItl =
  | number
  | number[]
  | { uniform: [number, number] }
  | { normal: { meanMs: number; sdMs: number } }
  | { logNormal: { medianMs: number; sigma: number } };

const timing = v.strictObject({
  ttftMs: v.optional(milliseconds, 0),
  prefillMsPerToken: v.optional(milliseconds, 0),
  itlMs: v.optional(itl, 0),
  burst: v.optional(v.pipe(count, v.minValue(1)), 1),
  stalls: v.optional(v.array(v.strictObject({ afterTokens: count, ms: milliseconds })), []),
});

const memory = v.strictObject({
  modelBytes: v.optional(bytes, 64 * 1024 * 1024),
  bytesPerToken: v.optional(bytes, 4_096),
  leakBytesPerJob: v.optional(bytes, 0),
});

/** A list that another function checks, whose message names the place. */
const parsedBy = <T>(parse: (value: unknown) => readonly T[]) =>
  v.pipe(
    v.optional(v.unknown(), []),
    v.rawTransform<unknown, readonly T[]>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch (cause) {
        addIssue({ message: (cause as Error).message });
        return NEVER;
      }
    }),
  );

const schema = v.strictObject({
  content: v.optional(content, "words"),
  replies: v.optional(v.array(stubReply), []),
  models: v.optional(v.array(v.pipe(v.string(), v.minLength(1))), []),
  outputTokens: v.optional(v.pipe(count, v.minValue(1))),
  stopReason: v.optional(v.picklist(["eos", "max_tokens"]), "eos"),
  timing: v.optional(timing, {}),
  startupDelayMs: v.optional(milliseconds, 0),
  readyAfterMs: v.optional(milliseconds, 0),
  deterministic: v.optional(v.boolean(), true),
  memory: v.optional(memory, {}),
  seed: v.optional(v.pipe(count, v.maxValue(2 ** 32 - 1)), 0),
  journal: v.optional(v.boolean(), true),
  faults: parsedBy<ResolvedFault>((value) => parseFaults(value, "stub")),
  mutants: parsedBy<MutantId>(parseMutants),
});

/**
 * The value of `--stub-config`. Every key is optional:
 * - `content`: `words` (default; deterministic in prompt, seed and sampling), `counter` (token i is unique, so loss, duplication and swaps
 *   are visible), `echo`, `unicode` (characters that are split across tokens), `instructions`
 *   (repeats a text or writes emoji if the prompt asks for it, else like `words`), or `{ script: [...] }` for exactly these tokens;
 * - `replies`: replies to particular requests, see {@link StubReplyInput}; the first match is used, or `content` if none matches;
 * - `models`: model names besides `stub` that the worker accepts on the routes of other dialects; `*` for every name;
 * - `outputTokens`: the number of tokens after which the output ends, ≥ 1, with `stopReason` (`eos`);
 * - `timing`: `ttftMs`, `prefillMsPerToken` (added for each token of the prompt), `itlMs` (see {@link StubItl}), `burst` (number of tokens
 *   sent together), `stalls` (`[{ afterTokens, ms }]`); all on an absolute schedule;
 * - `startupDelayMs`: how long the model takes to load; `readyAfterMs`: how long the socket listens, with 503 from `/health`, before the
 *   ready line is printed;
 * - `deterministic`: `false` makes every run of the same request different, which `/health` reports;
 * - `memory`: `modelBytes`, `bytesPerToken`, `leakBytesPerJob`; the figures in `/health` follow the jobs;
 * - `seed`: the seed of timing and faults; `journal`: whether to record what was sent and when (default true);
 * - `faults`: see `docs/faults.md`. Faults of the start can only be given here;
 * - `mutants`: names of defects, see `docs/conformance-matrix.md`. They are there from the start to the end.
 */
export type StubConfigInput = Omit<v.InferInput<typeof schema>, "faults" | "mutants"> & {
  faults?: readonly FaultSpec<FaultIdOf<"stub">>[] | undefined;
  mutants?: readonly MutantId[] | undefined;
};
/** The stub configuration with every default filled in. */
export type StubConfig = v.InferOutput<typeof schema>;

/**
 * Validates a stub configuration; unknown keys are rejected.
 *
 * @throws {TypeError} naming the first invalid key and its value.
 * @example parseStubConfig({ content: { script: ["Hi", "!"] }, timing: { itlMs: 5 } })
 */
export function parseStubConfig(value: unknown): StubConfig {
  if (Array.isArray(value)) throw new TypeError("`stub config`: Expected Object but received Array");
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  if (["faults", "mutants"].includes(v.getDotPath(issue) ?? "")) throw new TypeError(issue.message);
  const problem = describeUnknownName(schema, issue) ?? issue.message;
  throw new TypeError(`\`${v.getDotPath(issue) ?? "stub config"}\`: ${problem}`);
}
