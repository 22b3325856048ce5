import { defineCheck } from "../../check.js";
import { sendRaw } from "../../target/raw-socket.js";
import { expect } from "../../verdict.js";

const BODY_BYTES = 16 * 1024 * 1024;

export const largeBody = defineCheck({
  id: "validation.large-body",
  title: "a body of 16 MiB is answered below 500 or its connection closed, and the next request works",
  level: "standard",
  why: "Anyone can send a large body; a server that keeps it or fails on it is brought down by one client.",
  source: "RFC 9110, 15.5.14: 413 Content Too Large; CWE-770, Allocation of Resources Without Limits",
  budgetMs: 60_000,
  run: async ({ target, prompts, signal }) => {
    const job = target.encode(prompts.endless(), { max_tokens: 2 });
    const head = target.writeJobHead(job, ["connection: close", `content-length: ${BODY_BYTES}`]);
    const padding = " ".repeat(BODY_BYTES - Buffer.byteLength(job.body)); // white space after a value is JSON
    const reply = await sendRaw(target.url, head + job.body + padding, { signal, leaveAfterMs: target.silenceMs });
    const [status] = reply.statuses;
    if (status !== undefined) expect("status", status).toBeAtMost(499);
    else expect("connection", reply.isClosed ? "closed" : "open, without an answer").toBe("closed");
    await target.generate(prompts.endless(), { max_tokens: 2 });
  },
});
