import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { LineOutput } from "../../src/serve/rpc/line-output.js";

test("what anything else writes to the stream goes elsewhere", () => {
  const [stream, stray] = [new PassThrough(), new PassThrough()];
  const output = new LineOutput(stream, stray);
  stream.write("a stray line\n");
  output.write("a line of the protocol\n");
  expect(String(stream.read())).toBe("a line of the protocol\n");
  expect(String(stray.read())).toBe("a stray line\n");
});

test("a reader that is gone is reported, and later lines are dropped", () => {
  const stream = new PassThrough();
  const output = new LineOutput(stream, new PassThrough());
  const gone = new Promise<void>((resolve) => output.onBroken(resolve));
  stream.destroy();
  output.write("too late\n");
  return gone;
});
