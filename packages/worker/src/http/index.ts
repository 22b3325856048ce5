export { answerError, answerJson, correlate } from "./answers.js";
export { readJsonObject, skipRestOfBody } from "./read-body.js";
export { HttpServer } from "./server.js";
export { PLAIN_BEHAVIOR, type Behavior, type WorkerState } from "./worker-state.js";
