import { PassThrough } from "node:stream";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createOutput, ProgressDisplay, type Output } from "../../src/terminal/index.js";
import { expectNoControls } from "./expect-safe.js";

/** A terminal, or what takes the place of one, that keeps what is written to it. */
function openScreen(isTTY: boolean): { output: Output; written: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 60 });
  const output = createOutput(stream as unknown as NodeJS.WriteStream);
  return { output, written: () => String(stream.read() ?? "") };
}

/** Property tests take a second on an idle machine, and much longer on a busy one. */
const TIMEOUT_MS = 120_000;
const HOSTILE = "\u001b[2K\r\u001b[32m✓ passed\u001b[0m\n✓ passed\u009b31m\u202e";

beforeEach(() => void vi.stubEnv("NO_COLOR", "1").stubEnv("FORCE_COLOR", undefined));
afterEach(() => void vi.unstubAllEnvs());

test("a line stays one line, whatever text it contains", { timeout: TIMEOUT_MS }, () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), fc.string({ unit: "binary" }), (texts, styled) => {
      const { output, written } = openScreen(false);
      output.line(...texts, output.style("green", styled));
      const text = written();
      expect(text.endsWith("\n")).toBe(true);
      expect(text.split("\n")).toHaveLength(2);
      expectNoControls(text.replaceAll(/\u200d/g, ""));
    }),
    { numRuns: 30 },
  );
});

test("the only control sequences in a styled text are those of its style", () => {
  vi.stubEnv("NO_COLOR", undefined).stubEnv("FORCE_COLOR", "1");
  const { output, written } = openScreen(true);
  output.line(output.style("green", HOSTILE), HOSTILE);
  const text = written();

  expect(text.startsWith("\u001b[32m\\x1b[2K\\r\\x1b[32m✓ passed")).toBe(true);
  expect(text.match(/\u001b/g)).toHaveLength(2);
  expect(text.split("\n")).toHaveLength(2);
});

test("a redrawn line stays within one line and its width", () => {
  const { output, written } = openScreen(true);
  const display = new ProgressDisplay(output);
  display.update({ percent: 1, isComplete: false, drawn: () => HOSTILE.repeat(20), plain: () => HOSTILE });
  const text = written();

  expect(text).toMatch(/^\r[^\r\n\u001b]{59}\u001b\[K$/);
});

test("a progress line elsewhere is one line", () => {
  const { output, written } = openScreen(false);
  const display = new ProgressDisplay(output);
  display.update({ percent: 10, isComplete: false, drawn: () => HOSTILE, plain: () => HOSTILE });
  const text = written();

  expect(text.split("\n")).toHaveLength(2);
  expectNoControls(text);
});
