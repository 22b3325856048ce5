import { describe, expect, test } from "vitest";
import { parseJsonOutput, readSize } from "../../../../src/memory/gpu/amd/json-output.js";
import { LIST_OUTPUT, METRIC_OUTPUT, PROCESS_OUTPUT } from "./amd-smi-output.js";
import { CARDS_OUTPUT, PIDS_OUTPUT } from "./rocm-smi-output.js";

const parse = (text: string, errorText = "") => parseJsonOutput("smi", { text, errorText });

describe("truncated JSON counts as missing: a part is never mistaken for the whole", () => {
  test.each([
    ["a list of GPUs", LIST_OUTPUT.reversed],
    ["a list after advice", LIST_OUTPUT.afterAdvice],
    ["figures in gpu_data", METRIC_OUTPUT.wrapped(0)],
    ["processes", PROCESS_OUTPUT.of(0, [[1, 2]])],
    ["cards after a warning", CARDS_OUTPUT.afterWarning],
    ["process ids", PIDS_OUTPUT.several],
  ])("%s", (_, text) => {
    const whole = text.trimEnd();
    expect(parse(text)).toHaveProperty("json");
    expect(parse(text.replaceAll("\n", "\r\n"))).toEqual(parse(text));
    for (let length = 0; length < whole.length; length++) {
      expect(parse(whole.slice(0, length)), `${length} characters`).toHaveProperty("missing");
    }
  });
});

test("a flood of output still gives a short message", () => {
  const line = `{"card0": ${"9".repeat(1_000_000)}`;
  expect(parse(line)).toEqual({ missing: `smi printed incomplete JSON: ${line.slice(0, 300)}` });
  expect(parse("[\n".repeat(300_000))).toHaveProperty("missing");
});

test.each<[unknown, object]>([
  [{ value: 0, unit: "B" }, { bytes: 0 }],
  [{ value: 2, unit: "KB" }, { bytes: 2048 }],
  [{ value: 16, unit: "GB" }, { bytes: 16 * 1024 ** 3 }],
  [{ value: "N/A", unit: "MB" }, { missing: "size: N/A" }],
  ["N/A", { missing: "size: N/A" }],
  ["", { missing: "no size" }],
  [undefined, { missing: "no size" }],
  [null, { missing: "no size" }],
  [5, { missing: "no size" }],
  [{ value: 5 }, { missing: "no size" }],
  [{ value: 5, unit: "%" }, { missing: "no size" }],
  [{ value: -1, unit: "B" }, { missing: "no size" }],
  [[1], { missing: "no size" }],
])("the size %o", (value, cell) => {
  expect(readSize("size", value)).toEqual(cell);
});
