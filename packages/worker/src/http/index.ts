export { answerError, answerJson, correlate } from "./answers.js";
export { readJsonObject, skipRestOfBody } from "./read-body.js";
export { HttpServer } from "./server.js";
export { PLAIN_CONDUCT, type Conduct, type WorkerState } from "./worker-state.js";
