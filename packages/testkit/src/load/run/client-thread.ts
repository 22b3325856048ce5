/** Entry point of a client thread; see `thread-clients.ts`. */
import { setMaxListeners } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { WorkerClient } from "../../client/index.js";
import { ItlHistogram } from "../metrics/itl-histogram.js";
import { ClientWatch } from "./client-watch.js";
import { runPhase } from "./run-phase.js";
import type { EndedRequest, ThreadMessage, ThreadOrder, ThreadSetup } from "./thread-messages.js";

const POST_EVERY_MS = 50;
const WARM_UP_TIMEOUT_MS = 5_000;

const { client, ...setup } = workerData as ThreadSetup;
const port = parentPort;
const target = new WorkerClient(setup);
let cut = new AbortController();

port?.on("message", (order: ThreadOrder) => {
  if (order.type === "cut") cut.abort(new Error(order.reason));
  else void run(order);
});
// Everything is loaded before the first phase: loading takes 200 ms, in which no request could go out.
await Promise.all([ItlHistogram.create(), warmUp()]);
post({ type: "ready" });

async function run({ schedule, requests, startAtNs }: ThreadOrder & { type: "phase" }): Promise<void> {
  cut = new AbortController();
  setMaxListeners(0, cut.signal); // every stream listens
  let sent = 0;
  let ended: EndedRequest[] = [];
  const postProgress = (): void => {
    if (sent > 0 || ended.length > 0) post({ type: "progress", sent, ended });
    [sent, ended] = [0, []];
  };
  const timer = setInterval(postProgress, POST_EVERY_MS);
  const watch = new ClientWatch();
  const { records, itl } = await runPhase({
    target,
    schedule,
    requestAt: (index) => requests.get(index) ?? {},
    timeouts: setup.timeouts,
    client,
    startAtMs: performance.now() + Number(startAtNs - process.hrtime.bigint()) / 1e6,
    cutSignal: cut.signal,
    onSent: () => (sent += 1),
    onRecord: ({ status, firstMs, sendMs }) => void ended.push({ status, firstMs, sendMs }),
    onFailure: (error) => {
      throw error;
    },
  });
  clearInterval(timer);
  postProgress();
  post({ type: "done", report: { records, itl: itl.encode(), load: watch.stop(client) } });
}

/** Any answer: it loads the HTTP client and opens a connection. */
async function warmUp(): Promise<void> {
  const response = await target
    .request(target.dialect.ready?.path ?? "/", { timeoutMs: WARM_UP_TIMEOUT_MS })
    .catch(() => undefined);
  await response?.text().catch(() => undefined);
}

function post(message: ThreadMessage): void {
  port?.postMessage(message);
}
