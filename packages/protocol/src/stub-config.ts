import * as v from "valibot";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(3_600_000));

const kind = v.picklist(["words", "counter", "echo", "unicode"]);
const script = v.strictObject({ script: v.pipe(v.array(v.string()), v.minLength(1)) });
/** Chosen by what was given: a union would only say that neither of them fits. */
const content = v.lazy<typeof kind | typeof script>((input) => (typeof input === "object" ? script : kind));

const fault = v.strictObject({
  /** What happens; more ids belong here. */
  id: v.picklist(["inference-failed", "vram-oom", "cuda-error", "hang"]),
  /** After how many tokens of the job it happens. */
  afterTokens: count,
});

const schema = v.strictObject({
  content: v.optional(content, "words"),
  outputTokens: v.optional(v.pipe(count, v.minValue(1))),
  timing: v.optional(
    v.strictObject({
      ttftMs: v.optional(milliseconds, 0),
      gapMs: v.optional(v.union([milliseconds, v.pipe(v.array(milliseconds), v.minLength(1))]), 0),
    }),
    {},
  ),
  startupDelayMs: v.optional(milliseconds, 0),
  faults: v.optional(v.array(fault), []),
});

/**
 * What `--stub-config` may say, all of it optional:
 * - `content`: `words` (default; deterministic in prompt, seed and sampling), `counter` (token i is unique, so loss,
 *   duplication and swaps show), `echo`, `unicode` (characters that are split over tokens), or `{ script: [...] }`: these
 *   tokens exactly;
 * - `outputTokens`: end with `eos` after so many tokens, ≥ 1;
 * - `timing.ttftMs`, `timing.gapMs` (a number, or a list that repeats): on an absolute schedule;
 * - `startupDelayMs`: the model "loads" so long;
 * - `faults`: `{ id, afterTokens }`, with `inference-failed`, `vram-oom`, `cuda-error` or `hang`.
 */
export type StubConfigInput = v.InferInput<typeof schema>;
/** The same with every default filled in. */
export type StubConfig = v.InferOutput<typeof schema>;

/**
 * Checks a stub configuration; unknown keys are refused.
 *
 * @throws {TypeError} naming the first key that does not fit, and the value.
 * @example parseStubConfig({ content: { script: ["Hi", "!"] }, timing: { gapMs: 5 } })
 */
export function parseStubConfig(value: unknown): StubConfig {
  if (Array.isArray(value)) throw new TypeError("`stub config`: Expected Object but received Array");
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new TypeError(`\`${v.getDotPath(issue) ?? "stub config"}\`: ${issue.message}`);
}
