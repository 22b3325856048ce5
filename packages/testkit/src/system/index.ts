export { resolveCacheFolder } from "./cache-folder.js";
export { readCommit } from "./commit.js";
export { describeMachine, type MachineFacts } from "./machine.js";
export { makeFolder } from "./make-folder.js";
export { packageFile, readVersion } from "./package-file.js";
export { writeAll } from "./write-all.js";
export { joinSignals } from "./join-signals.js";
