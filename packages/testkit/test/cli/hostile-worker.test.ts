import { testHostileWorker, WAYS } from "./hostile-ways.js";

/** What a log, a message and an event carry; `npm run test:matrix` attacks in every way. */
const SAMPLE = new Set(["log", "http-failed", "invalid-event"]);

testHostileWorker(WAYS.filter(([way]) => SAMPLE.has(way)));
