import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createOutput } from "../../src/terminal/index.js";

/** What is printed, without colors: they have no width. */
function print(isTTY: boolean, write: (output: ReturnType<typeof createOutput>) => void): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 50 });
  write(createOutput(stream as unknown as NodeJS.WriteStream));
  return String(stream.read() ?? "").replaceAll(/\u001b\[\d+m/g, "");
}

const LONG = "  ttft p95: at most 200 ms: got 4132, because the queue was full from 15 s on";

test("a paragraph on a terminal of 50 columns breaks between words, and none is lost", () => {
  const text = print(true, (output) => output.paragraph(output.style("red", "fail"), LONG));

  expect(text).toBe("fail  ttft p95: at most 200 ms: got 4132, because\n    the queue was full from 15 s on\n");
});

test("elsewhere than on a terminal a paragraph is one line", () => {
  expect(print(false, (output) => output.paragraph(LONG))).toBe(`${LONG}\n`);
});

test("a word that is longer than a line stays whole, so that it can be copied", () => {
  const path = `/folder/${"x".repeat(60)}`;

  expect(print(true, (output) => output.paragraph(`report: ${path} and more`))).toBe(
    `report:\n    ${path}\n    and more\n`,
  );
});
