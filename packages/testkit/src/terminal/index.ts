export { createOutput, type Output } from "./output.js";
export { ProgressDisplay, type ProgressState } from "./progress-display.js";
export { toVisibleText } from "./visible-text.js";
