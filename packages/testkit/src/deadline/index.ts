export { Deadline, type TestLimit } from "./deadline.js";
export { describeWait, findDeadline, findTestTimeout, raceDeadline } from "./test-timeout.js";
