export { makeFolder } from "./make-folder.js";
export { writeAll } from "./write-all.js";
