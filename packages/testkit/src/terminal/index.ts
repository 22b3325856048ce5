export { createOutput, type Output } from "./output.js";
export { ProgressDisplay } from "./progress-display.js";
export { toVisibleText } from "./visible-text.js";
