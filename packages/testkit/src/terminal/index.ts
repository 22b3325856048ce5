export { createOutput, type Output } from "./output.js";
export { ProgressDisplay } from "./progress-display.js";
