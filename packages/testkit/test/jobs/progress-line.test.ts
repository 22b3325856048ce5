import { expect, test } from "vitest";
import type { JobProgress } from "../../src/jobs/job-progress.js";
import { progressLine } from "../../src/jobs/progress-line.js";

/** A stream of which only this much is used. */
function createStream(isTTY: boolean): { stream: NodeJS.WriteStream; written: () => string } {
  let text = "";
  const stream = { isTTY, columns: 70, write: (more: string) => (text += more) };
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => text };
}

const at = (done: number, total = 40): JobProgress => ({
  total,
  sent: Math.min(total, done + 8),
  running: Math.min(8, total - done),
  done,
  byStatus: done === 0 ? {} : { ok: done - 1, truncated: 1 },
});

test("on a terminal, one line is redrawn and ended", () => {
  const { stream, written } = createStream(true);
  const onProgress = progressLine(stream);

  for (let done = 0; done <= 40; done++) onProgress(at(done));

  const drawn = written().split("\r").slice(1);
  expect(drawn[0]).toBe("0 of 40 jobs done, 8 running\u001b[K");
  expect(drawn.at(-1)).toBe("40 of 40 jobs done, 0 running: 39 ok, 1 truncated\u001b[K\n");
  expect(drawn.length).toBeLessThan(10);
});

test("otherwise, a plain line is printed every 10 %", () => {
  const { stream, written } = createStream(false);
  const onProgress = progressLine(stream);

  for (let done = 0; done <= 40; done++) onProgress(at(done));

  const lines = written().trimEnd().split("\n");
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe("4 of 40 jobs done, 8 running: 3 ok, 1 truncated");
  expect(lines.at(-1)).toBe("40 of 40 jobs done, 0 running: 39 ok, 1 truncated");
});
