// Mistakes with several jobs, cancelled jobs and clients that leave.
import { setTimeout as sleep } from "node:timers/promises";
import { json } from "../worker.mjs";

const afterEnd = (worker, action) => {
  const { finish } = worker;
  worker.finish = (job) => {
    job.response.once("finish", action);
    finish.call(worker, job);
  };
};
const onEvents = (worker, change) => {
  const generate = worker.generate.bind(worker);
  worker.generate = async function* (job) {
    for await (const event of generate(job)) yield change(event, job);
  };
};

export const JOBS = {
  "one-response-for-all": (worker) => {
    let last;
    const { sendHead, write } = worker;
    worker.sendHead = (job) => sendHead.call(worker, (last = job));
    worker.write = (_job, text) => write.call(worker, last, text);
  },
  "one-job-id-for-all": (worker) => {
    let current;
    const { takeSlot } = worker;
    worker.takeSlot = async (job) => {
      current = job.id;
      await sleep(30);
      return takeSlot.call(worker, job);
    };
    onEvents(worker, (event) => (event.type === "started" ? { ...event, job_id: current } : event));
  },
  "one-correlation-id-for-all": (worker) => {
    let current;
    const { headers, sendHead } = worker;
    worker.headers = (job) => ({ ...headers.call(worker, job), "x-correlation-id": current });
    worker.sendHead = (job) => {
      current = job.headers["x-correlation-id"];
      setTimeout(() => sendHead.call(worker, job), 30);
    };
    const { takeSlot } = worker;
    worker.takeSlot = (job) => sleep(60).then(() => takeSlot.call(worker, job));
  },
  "one-token-counter-for-all": (worker) => {
    let count = 0;
    onEvents(worker, (event) => (event.type === "token" ? { ...event, i: count++ } : event));
  },
  "text-of-another-job": (worker) => {
    let prompt;
    onEvents(worker, (event, { request }) => {
      if (event.type === "started") prompt = request.prompt;
      return event.type === "token" && event.i === 20 ? { ...event, t: ` ${prompt}` } : event;
    });
  },
  "rejects-the-second": (worker) => {
    const { execute } = worker;
    worker.execute = (job) => {
      if (worker.running.size === 0) return execute.call(worker, job);
      return json(job.response, 503, { code: "BUSY", message: "busy", retriable: true });
    };
  },
  "deadlocks-with-two": (worker) => {
    const { takeSlot } = worker;
    worker.takeSlot = (job) => (worker.jobCount > 1 ? new Promise(() => undefined) : takeSlot.call(worker, job));
  },
  "one-after-another": (worker) => {
    let last = Promise.resolve();
    const { execute } = worker;
    worker.execute = (job) => (last = last.then(() => execute.call(worker, job)));
  },
  "crashes-with-two": (worker) => {
    const { takeSlot } = worker;
    worker.takeSlot = (job) => (worker.running.size > 0 ? process.abort() : takeSlot.call(worker, job));
  },
  "crashes-after-end": (worker) => afterEnd(worker, () => process.abort()),
  "exits-with-1-after-end": (worker) => afterEnd(worker, () => process.exit(1)),
  "quits-after-a-job": (worker) => afterEnd(worker, () => process.exit(0)),
  "crashes-in-a-job": (worker) => onEvents(worker, (event) => (event.i === 5 ? process.abort() : event)),
  "fails-the-second": (worker) => {
    const { generate } = worker;
    worker.generate = async function* (job) {
      if (worker.jobCount === 1) yield* generate.call(worker, job);
      else yield { type: "error", code: "INFERENCE_FAILED", message: "KV cache is full", retriable: false };
    };
  },
  "health-blocked-by-a-job": (worker) => {
    worker.itlMs = 50;
    const { answerHealth } = worker;
    worker.answerHealth = async (response) => {
      while (worker.running.size > 0) await sleep(5);
      answerHealth.call(worker, response);
    };
  },
  "slots-below-0": (worker) => {
    const { health } = worker;
    worker.health = () => ({
      ...health.call(worker),
      slots: { total: 2, busy: worker.jobCount === 0 ? 0 : -1, queued: 0 },
    });
  },
  "slot-stays-busy": (worker) => (worker.releaseSlot = () => undefined),
  "leaks-memory": (worker) => {
    const kept = [];
    afterEnd(worker, () => kept.push(Buffer.alloc(2 ** 20, 1)));
  },
  "logs-the-prompt": (worker) => onEvents(worker, (event, { request }) => (console.log(request.prompt), event)),
};

const CANCEL_WAYS = {
  "ignores-cancel": (worker) =>
    (worker.cancel = (id, response) => json(response, 202, { job_id: id, state: "cancelling" })),
  "no-cancel": (worker) => (worker.cancel = (id, response) => json(response, 404, { code: "NOT_FOUND", message: id })),
  "cancel-breaks-off": (worker) => {
    worker.cancel = (id, response) => {
      for (const job of worker.running) job.response.destroy();
      json(response, 202, { job_id: id, state: "cancelling" });
    };
  },
  "cancel-ends-as-eos": (worker) => {
    onEvents(worker, (event, job) =>
      event.type === "error"
        ? { type: "end", tokens_out: 24, decode_time_ms: 1, stop_reason: "eos", stop_sequence_matched: null }
        : event,
    );
  },
  "cancel-takes-seconds": (worker) => {
    worker.itlMs = 100;
    worker.cancel = (id, response) => {
      const [job] = worker.running;
      setTimeout(() => job?.end.abort(), 1_500);
      json(response, 202, { job_id: id, state: "cancelling" });
    };
  },
  "cancel-crashes": (worker) => (worker.cancel = () => process.abort()),
  "cancel-hangs": (worker) => (worker.cancel = () => undefined),
  "cancel-keeps-the-slot": (worker) => {
    const { releaseSlot } = worker;
    worker.releaseSlot = (job) => (job.end.signal.aborted ? undefined : releaseSlot.call(worker, job));
  },
  "cancels-every-job": (worker) => {
    const { cancel } = worker;
    worker.cancel = (id, response) => {
      for (const job of worker.running) job.end.abort();
      cancel.call(worker, id, response);
    };
  },
  "disconnect-crashes": (worker) => (worker.leave = ({ response }) => response.writableFinished || process.abort()),
  "disconnect-keeps-the-slot": (worker) => {
    const { releaseSlot } = worker;
    worker.releaseSlot = (job) => (job.response.destroyed ? undefined : releaseSlot.call(worker, job));
  },
  "ignores-disconnect": (worker) => {
    worker.itlMs = 200;
    worker.leave = () => undefined;
  },
};

/** Their jobs are long enough to be cancelled on a busy machine. */
export const CANCEL = Object.fromEntries(
  Object.entries(CANCEL_WAYS).map(([id, misbehave]) => [
    id,
    (worker) => {
      worker.itlMs = 50;
      misbehave(worker);
    },
  ]),
);
