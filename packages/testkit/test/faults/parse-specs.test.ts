import { expect, test } from "vitest";
import { parseSpecs } from "../../src/faults/parse-specs.js";

test("an unknown id is told every fault that can be armed: of the stub and of the process, none of the start", () => {
  const message = messageOf([{ id: "kil" }]);

  expect(message).toMatch(
    /^\[INVALID_OPTION\] Expected `faults\[0\]\.id` to be one of .*vram-oom, .*kill, pause, exit, got/,
  );
  expect(message).toContain("got `kil`; did you mean `kill`?");
  expect(message).not.toContain("crash-on-start");
});

test("a fault of the proxy that is misspelt is recognised as well", () => {
  expect(messageOf([{ id: "rts" }])).toContain("did you mean `rst`?");
});

test("a text is no fault", () => {
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
