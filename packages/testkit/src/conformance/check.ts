import type { Area, Level } from "./areas.js";
import type { Capability } from "./capabilities.js";
import type { CheckContext } from "./context.js";

/** The name of a check, which is never renamed: its area, and what holds. */
export type CheckId = `${Area}.${string}`;

/** One check, as it is written. */
export interface CheckDefinition {
  /** `area.kebab-case`. */
  readonly id: CheckId;
  /** What holds on a server that passes, as a sentence without a period. */
  readonly title: string;
  readonly level: Level;
  /** The harm that it prevents, in one sentence. */
  readonly why: string;
  /** The clause, standard or public issue that it comes from. */
  readonly source: string;
  /** What the server must have; the check is not applicable to one without. @default nothing */
  readonly needs?: readonly Capability[] | undefined;
  /** How long it may take, including its repetitions with other prompts. @default 20000 */
  readonly budgetMs?: number | undefined;
  /** Whether it may run beside others that may. @default false */
  readonly isShared?: boolean | undefined;
  /** The server passes if this returns. `expect()` fails the check; `inconclusive()` ends it without a verdict. */
  readonly run: (context: CheckContext) => Promise<void>;
}

/** A check of the catalogue. */
export interface Check extends CheckDefinition {
  readonly area: Area;
  readonly needs: readonly Capability[];
  readonly budgetMs: number;
  readonly isShared: boolean;
}

const DEFAULT_BUDGET_MS = 20_000;

/**
 * Completes a check with its defaults. The area is the first word of its id.
 *
 * @example
 * export const maxTokensIsExact = defineCheck({
 *   id: "length.max-tokens-is-exact",
 *   …
 *   run: async ({ target, prompts }) => {
 *     const answer = await target.generate(prompts.endless(), { max_tokens: 16 });
 *     expect("number of tokens", answer.tokenCount).toBe(16);
 *   },
 * });
 */
export function defineCheck(definition: CheckDefinition): Check {
  const area = definition.id.split(".", 1)[0] as Area;
  return {
    ...definition,
    area,
    needs: definition.needs ?? [],
    budgetMs: definition.budgetMs ?? DEFAULT_BUDGET_MS,
    isShared: definition.isShared ?? false,
  };
}
