export { assertRecovers, type Recovery, type RecoveryOptions } from "./assert-recovers.js";
