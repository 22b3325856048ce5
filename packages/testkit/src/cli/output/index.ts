export {
  createOutput,
  printJson,
  toVisibleText,
  type Output,
  type OutputPart,
  type StyledText,
} from "../../terminal/index.js";
export { ignoreBrokenPipe, waitUntilWritten } from "./streams.js";
