export { describeMachine, type MachineFacts } from "./machine.js";
export { makeFolder } from "./make-folder.js";
export { writeAll } from "./write-all.js";
