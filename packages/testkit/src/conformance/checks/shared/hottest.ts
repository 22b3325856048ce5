import type { Dialect } from "../../../dialects/index.js";

/** The highest temperature that a dialect allows: the Anthropic API reference says 1, the OpenAI API reference 2. */
export function hottestOf({ name }: Dialect): number {
  return name === "anthropic" ? 1 : 2;
}
