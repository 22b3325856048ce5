import { describe, expect, test } from "vitest";
import { ProgressPrinter, renderBar } from "../../src/cli/models/progress-printer.js";
import { createOutput as openOutput, type Output } from "../../src/terminal/index.js";

function createOutput(isTerminal: boolean): { output: Output; written: () => string } {
  let text = "";
  const stream = { isTTY: isTerminal, columns: 60, write: (more: string) => (text += more) };
  return { output: openOutput(stream as unknown as NodeJS.WriteStream), written: () => text };
}

describe("renderBar()", () => {
  test.for([
    [0, "[░░░░░░░░░░░░░░░░░░░░░░░░]   0 %  0 B of 1.9 MiB"],
    [1_000_000, "[████████████░░░░░░░░░░░░]  50 %  976.6 KiB of 1.9 MiB"],
    [1_999_999, "[███████████████████████░]  99 %  1.9 MiB of 1.9 MiB"],
    [2_000_000, "[████████████████████████] 100 %  1.9 MiB of 1.9 MiB"],
  ] as const)("%i of 2,000,000 bytes", ([receivedBytes, bar]) => {
    expect(renderBar({ totalBytes: 2_000_000, receivedBytes })).toBe(bar);
  });
});

describe("ProgressPrinter", () => {
  test("on a terminal it redraws one line, within its width, and ends that line", () => {
    const { output, written } = createOutput(true);
    const printer = new ProgressPrinter(output);
    printer.start({ totalBytes: 1000, receivedBytes: 0 });
    printer.update({ totalBytes: 1000, receivedBytes: 500 });
    printer.update({ totalBytes: 1000, receivedBytes: 1000 });
    printer.update({ totalBytes: 1000, receivedBytes: 1000 });
    printer.end();
    const [start, bars, rest] = written().split("\n");
    expect([start, rest]).toEqual(["downloading 1000 B", ""]);
    const drawn = bars!.split("\r").slice(1);
    expect(drawn.map((bar) => bar.slice(0, 32))).toEqual([
      "[████████████░░░░░░░░░░░░]  50 %",
      "[████████████████████████] 100 %",
    ]);
    for (const bar of drawn) expect(bar.replace("\u001b[K", "").length).toBeLessThan(60);
  });

  test("elsewhere it prints a line every 10 %", () => {
    const { output, written } = createOutput(false);
    const printer = new ProgressPrinter(output);
    printer.start({ totalBytes: 1000, receivedBytes: 0 });
    for (let receivedBytes = 0; receivedBytes <= 1000; receivedBytes += 25) {
      printer.update({ totalBytes: 1000, receivedBytes });
    }
    printer.end();
    const percents = written().match(/^\d+(?= % of 1000 B$)/gm);
    expect(percents).toEqual(["10", "20", "30", "40", "50", "60", "70", "80", "90", "100"]);
  });

  test("a resumed download continues from its percentage", () => {
    const { output, written } = createOutput(false);
    const printer = new ProgressPrinter(output);
    printer.start({ totalBytes: 1000, receivedBytes: 450 });
    printer.update({ totalBytes: 1000, receivedBytes: 500 });
    printer.update({ totalBytes: 1000, receivedBytes: 600 });
    expect(written()).toBe("resuming after 450 B of 1000 B\n60 % of 1000 B\n");
  });
});
