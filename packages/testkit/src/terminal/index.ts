export { hasHiddenValues, hideValue, REDACTED, withoutHiddenValues } from "./hidden-values.js";
export { createOutput, printJson, type Output, type OutputPart, type StyledText } from "./output.js";
export { ProgressDisplay } from "./progress-display.js";
export { quoteCommand, quoteWord } from "./shell-words.js";
export { joinVisibleLines, toVisibleJson, toVisibleText } from "./visible-text.js";
