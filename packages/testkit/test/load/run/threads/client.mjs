// A client thread that is only messages: it answers each phase by the `job_id` of its first request.
import { parentPort, workerData } from "node:worker_threads";

const { baseUrl } = workerData;
let phase;

const HOW = {
  answers: () => finish(),
  "answers after a cut": () => undefined,
  "never answers": () => undefined,
  throws: () => {
    throw new Error("the thread broke");
  },
  exits: () => process.exit(3),
};

parentPort.on("message", (order) => {
  if (order.type === "phase") {
    phase = order;
    const { sent = 2, ended = [{ status: "ok", firstMs: 5, sendMs: 1 }] } = order.requests.values().next().value;
    parentPort.postMessage({ type: "progress", sent, ended });
    HOW[how()]();
  } else if (how() === "answers after a cut") finish(order.reason);
});

function how() {
  return phase.requests.values().next().value.job_id.split("~")[0];
}

/** The "report" is what the thread was given, which the tests look at. */
function finish(reason) {
  const { schedule, requests, startAtNs } = phase;
  parentPort.postMessage({ type: "done", report: { ...workerData, schedule, requests, startAtNs, reason } });
}

if (baseUrl === "fails-at-start") throw new Error("no such module");
if (baseUrl !== "never-ready") parentPort.postMessage({ type: "ready" });
