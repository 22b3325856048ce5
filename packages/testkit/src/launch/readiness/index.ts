export type { ProbeTarget, ReadyContext, ReadyInfo, ReadyProbe } from "./ready-context.js";
export { describeReadiness, waitUntilReady, type StartOutcome } from "./wait-until-ready.js";
