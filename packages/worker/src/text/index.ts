export { StopMatcher, type StopMatch } from "./stop-matcher.js";
export { TextPipeline, type Pipeline } from "./text-pipeline.js";
export { Utf8Joiner } from "./utf8-joiner.js";
