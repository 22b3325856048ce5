import { setMaxListeners } from "node:events";
import type { MessagePort } from "node:worker_threads";
import { WorkerClient } from "../../client/index.js";
import { ItlHistogram } from "../metrics/itl-histogram.js";
import { ClientWatch } from "./client-watch.js";
import { runPhase } from "./run-phase.js";
import type { RequestRecord } from "../metrics/request-record.js";
import type { ThreadMessage, ThreadOrder, ThreadSetup } from "./thread-messages.js";

const POST_EVERY_MS = 50;
const WARM_UP_TIMEOUT_MS = 5_000;

type Post = (message: ThreadMessage) => void;
type PhaseOrder = ThreadOrder & { readonly type: "phase" };

/** The work of a client thread: posts that it is ready, runs each phase on request, and posts its progress and its report. */
export async function serveOrders(port: MessagePort, setup: ThreadSetup): Promise<void> {
  const { client, ...options } = setup;
  const target = new WorkerClient(options);
  const post: Post = (message) => port.postMessage(message);
  let cut = new AbortController();
  port.on("message", (order: ThreadOrder) => {
    if (order.type === "cut") {
      cut.abort(new Error(order.reason));
      return;
    }
    cut = new AbortController();
    setMaxListeners(0, cut.signal); // every stream adds a listener
    void runOrder(order, { client, timeouts: options.timeouts, target, post, cutSignal: cut.signal });
  });
  // Load everything before the first phase: it takes 200 ms, during which no request could be sent.
  await Promise.all([ItlHistogram.create(), warmUp(target)]);
  post({ type: "ready" });
}

/** Any response will do: this loads the HTTP client and opens a connection. */
async function warmUp(target: WorkerClient): Promise<void> {
  const response = await target
    .request(target.dialect.ready?.path ?? "/", { timeoutMs: WARM_UP_TIMEOUT_MS })
    .catch(() => undefined);
  await response?.text().catch(() => undefined);
}

interface OrderContext extends Pick<ThreadSetup, "client" | "timeouts"> {
  readonly target: WorkerClient;
  readonly post: Post;
  readonly cutSignal: AbortSignal;
}

async function runOrder(
  { schedule, requests, followUps, stepStartsMs, startAtNs, keptLength }: PhaseOrder,
  context: OrderContext,
): Promise<void> {
  const { target, post, cutSignal, timeouts, client } = context;
  const progress = new ProgressPost(post);
  const watch = new ClientWatch();
  const { itl, stepItl, ...measured } = await runPhase({
    target,
    schedule,
    requestAt: (index) => requests.get(index) ?? {},
    followUpsAt: (index) => followUps?.get(index) ?? [],
    stepStartsMs,
    timeouts,
    client,
    keptLength,
    startAtMs: performance.now() + Number(startAtNs - process.hrtime.bigint()) / 1e6,
    cutSignal,
    onSent: () => progress.noteSent(),
    onRecord: (record) => progress.noteEnded(record),
    onFailure: (error) => {
      throw error;
    },
  });
  progress.close();
  const encoded = { itl: itl.encode(), stepItl: stepItl.map((each) => each.encode()) };
  post({ type: "done", report: { ...measured, ...encoded, load: watch.stop(client) } });
}

/** Posts what happened since the last message, every 50 ms and at the end. */
class ProgressPost {
  readonly #post: Post;
  readonly #timer = setInterval(() => this.#flush(), POST_EVERY_MS);
  #sent = 0;
  #ended: RequestRecord[] = [];

  constructor(post: Post) {
    this.#post = post;
  }

  noteSent(): void {
    this.#sent += 1;
  }

  noteEnded(record: RequestRecord): void {
    this.#ended.push(record);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#flush();
  }

  #flush(): void {
    if (this.#sent > 0 || this.#ended.length > 0)
      this.#post({ type: "progress", sent: this.#sent, ended: this.#ended });
    this.#sent = 0;
    this.#ended = [];
  }
}
