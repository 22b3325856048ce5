export { assertNoLeak, type LeakAssertOptions } from "./assert-no-leak.js";
export { assertReleasedAfterStop, type ReleaseOptions } from "./assert-released.js";
export type { LeakRunOptions } from "./run-leak-cycles.js";
