export { formatBytes, formatMs, formatRate } from "./format.js";
export { createOutput, type Output } from "../../terminal/index.js";
export { ignoreBrokenPipe, waitUntilWritten } from "./streams.js";
export { toVisibleText } from "./visible-text.js";
