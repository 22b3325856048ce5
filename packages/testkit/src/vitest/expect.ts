import { expect } from "vitest";
import type { EventsInput, ExpectedTokenCount } from "../events/index.js";
import type { CancelExpectation, CancelResult } from "../jobs/index.js";
import { matchers } from "../matchers/index.js";
import type { ExpectedStop } from "../matchers/matchers.js";

/** The matchers of this package on `expect`. */
export interface InferenceMatchers<R = unknown> {
  /** Started, then token or metrics events with i = 0, 1, 2, …, then exactly one terminal event. */
  toHaveEventOrder(): R;
  /** In order, complete, ended by `end`. */
  toCompleteSuccessfully(): R;
  /** So many token events, or within the inclusive bounds. */
  toHaveTokenCount(expected: ExpectedTokenCount): R;
  /** Stopped at this stop sequence, or for `{ reason }`. */
  toStopAt(expected: ExpectedStop): R;
  /** Cancelled, not too late, within the limits: a result of `cancelAfter()`. */
  toBeCancelled(expected?: CancelExpectation): R;
}

declare module "vitest" {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-empty-object-type -- has to repeat Vitest's declaration
  interface Matchers<T = any> extends InferenceMatchers<T> {}
}

expect.extend({
  toHaveEventOrder: (received: EventsInput) => matchers.toHaveEventOrder(received),
  toCompleteSuccessfully: (received: EventsInput) => matchers.toCompleteSuccessfully(received),
  toHaveTokenCount: (received: EventsInput, expected: ExpectedTokenCount) =>
    matchers.toHaveTokenCount(received, expected),
  toStopAt: (received: EventsInput, expected: ExpectedStop) => matchers.toStopAt(received, expected),
  toBeCancelled: (received: CancelResult, expected?: CancelExpectation) => matchers.toBeCancelled(received, expected),
});

export { expect };
