import { expect, test } from "vitest";
import { parseSpecs } from "../../src/faults/parse-specs.js";

test("the message for an unknown id lists every fault that can be armed: stub and process faults, none of the start", () => {
  const message = messageOf([{ id: "kil" }]);

  expect(message).toMatch(
    /^\[INVALID_OPTION\] Expected `faults\[0\]\.id` to be one of .*vram-oom, .*kill, pause, exit, got/,
  );
  expect(message).toContain("got `kil`; did you mean `kill`?");
  expect(message).not.toContain("crash-on-start");
});

test("a misspelled proxy fault is also recognized", () => {
  expect(messageOf([{ id: "rts" }])).toContain("did you mean `rst`?");
});

test("a string is not a fault", () => {
  expect(messageOf(["vram-oom"])).toContain("Expected `faults[0]` to be a fault such as");
});

function messageOf(specs: readonly unknown[]): string {
  try {
    parseSpecs(specs);
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
}
