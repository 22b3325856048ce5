export { Deadline, type TestLimit } from "./deadline.js";
export { describeWait, findDeadline, findTestTimeout, raceDeadline, widenTestTimeout } from "./test-timeout.js";
