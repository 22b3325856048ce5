export { judgeLeak } from "./judge-leak.js";
export { judgeSources } from "./judge-sources.js";
export { LEAK_OPTIONS, type JudgeLeakOptions, type LeakOptions } from "./leak-options.js";
export type { ConclusiveVerdict, LeakVerdict } from "./verdict.js";
