import { slotsOf, type ServerFacts } from "../../capabilities.js";

/** More than most queues hold. */
const MOST_JOBS = 160;
const USUAL_QUEUE = 64;
const BEYOND = 32;

/** So many jobs at once find the queue of a server full, unless it is longer than most. */
export function countToFlood(server: ServerFacts): number {
  return Math.min(MOST_JOBS, slotsOf(server, 4) + (server.profile.maxQueue ?? USUAL_QUEUE) + BEYOND);
}
