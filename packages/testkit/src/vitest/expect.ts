import { expect } from "vitest";
import type { ExpectedTokenCount } from "../events/index.js";
import type { ExecuteBody } from "../dialects/index.js";
import type { GoldenOptions } from "../golden/index.js";
import type { CancelExpectation } from "../jobs/index.js";
import { matchers } from "../matchers/index.js";

/** Adds the matchers of this package to `expect`. */
export interface InferenceMatchers<R = unknown> {
  /** Started, then token or metrics events with i = 0, 1, 2, …, then exactly one terminal event. */
  toHaveEventOrder(): R;
  /** In order, complete, ended by `end`. */
  toCompleteSuccessfully(): R;
  /** Exactly `expected` token events, or a count within inclusive bounds. */
  toHaveTokenCount(expected: ExpectedTokenCount): R;
  /** Stopped at this stop sequence, or for `{ reason }`. */
  toStopAt(expected: Parameters<typeof matchers.toStopAt>[1]): R;
  /** Cancelled, not too late, within the limits: a result of `cancelAfter()`. */
  toBeCancelled(expected?: CancelExpectation): R;
  /** The tokens arrived over the time of their generation: a result of `collectStream()`. */
  toBeStreamed(): R;
  /** Answers the request as recorded: `await expect(worker).toMatchGolden("name", request)`. */
  toMatchGolden(name: string, request: ExecuteBody, options?: GoldenOptions): Promise<void>;
}

declare module "vitest" {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- has to repeat Vitest's declaration
  interface Matchers<T = any> extends InferenceMatchers<T> {}
}

// A matcher that is missing in the interface above is a compile error here.
({}) as InferenceMatchers satisfies Readonly<Record<keyof typeof matchers, unknown>>;

expect.extend(matchers);

export { expect };
