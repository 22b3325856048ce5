import { expect, test } from "vitest";
import { createProcessDiedError } from "../../src/launch/index.js";
import { LogBuffer } from "../../src/launch/logs/log-buffer.js";

function deathWith(text: string): string {
  const logs = new LogBuffer(10);
  logs.write("stdout", Buffer.from(text));
  const exitInfo = { kind: "exited", code: 1 } as const;
  return createProcessDiedError({ command: "w", args: ["-x"], pid: 7, exitInfo, logs }, "during job j1").message;
}

test("the worker's own last error line leads", () => {
  expect(deathWith('{"event":"error","code":"CUDA_ERROR","message":"no device"}\n')).toMatchInlineSnapshot(`
    "[PROCESS_DIED] CUDA_ERROR: no device
    The worker ended with exit code 1 during job j1
    hint: The first line is the worker's own reason.
      command: w -x
      pid: 7
      exit: {"kind":"exited","code":1}
      workerError: {"code":"CUDA_ERROR","message":"no device"}
    last 1 log line of the worker:
      | {"event":"error","code":"CUDA_ERROR","message":"no device"}"
  `);
});

test("an error line that is not last, incomplete or not JSON is only a log line", () => {
  const start = "[PROCESS_DIED] The worker ended with exit code 1 during job j1\n";
  expect(deathWith('{"event":"error","code":"A","message":"b"}\nlater\n').startsWith(start)).toBe(true);
  expect(deathWith('{"event":"error","code":"A"}\n').startsWith(start)).toBe(true);
  expect(deathWith('an "error" {\n').startsWith(start)).toBe(true);
  expect(deathWith("").startsWith(start)).toBe(true);
});
