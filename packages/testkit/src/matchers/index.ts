export {
  matchers,
  toBeCancelled,
  toCompleteSuccessfully,
  toHaveEventOrder,
  toHaveTokenCount,
  toStopAt,
  type ExpectedStop,
  type MatcherResult,
} from "./matchers.js";
