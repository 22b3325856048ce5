export { formatBytes, formatMs, formatRate } from "./format.js";
export { createOutput, toVisibleText, type Output } from "../../terminal/index.js";
export { ignoreBrokenPipe, waitUntilWritten } from "./streams.js";
