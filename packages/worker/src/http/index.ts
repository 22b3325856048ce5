export { AccessRules, type AccessOptions } from "./access-rules.js";
export { answerJson } from "./answers.js";
export { findBareHost } from "./hosts.js";
export { Listener, LISTENER_TIMEOUTS, type Call, type ListenerTimeouts, type ParserOptions } from "./listener.js";
export { findOrigin } from "./origins.js";
export { readJsonObject } from "./read-body.js";
export { HttpServer } from "./server.js";
export { PLAIN_BEHAVIOR, type Behavior, type RunRoute, type WorkerState } from "./worker-state.js";
