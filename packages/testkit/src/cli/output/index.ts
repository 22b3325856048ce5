export { createOutput, toVisibleText, type Output } from "../../terminal/index.js";
export { ignoreBrokenPipe, waitUntilWritten } from "./streams.js";
