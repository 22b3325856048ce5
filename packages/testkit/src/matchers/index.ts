export {
  matchers,
  toCompleteSuccessfully,
  toHaveEventOrder,
  toHaveTokenCount,
  toStopAt,
  type ExpectedStop,
  type MatcherResult,
} from "./matchers.js";
