import { expect, test } from "vitest";
import { EngineState } from "../../src/serve/engine-state.js";
import { defineMethod, type Call } from "../../src/serve/method.js";
import { RunningCall } from "../../src/serve/rpc/running-call.js";

interface Gate {
  readonly open: (value: string) => void;
  readonly passed: Promise<string>;
}

function createGate(): Gate {
  let open: Gate["open"] = () => undefined;
  const passed = new Promise<string>((resolve) => (open = resolve));
  return { open, passed };
}

function startCall(
  run: (call: Call) => Promise<string>,
  undo: (result: string) => void,
  timeoutMs = 60_000,
): RunningCall {
  const method = defineMethod({
    summary: "",
    params: {},
    result: "",
    run,
    undo: (_, result) => {
      undo(result);
      return Promise.resolve();
    },
  });
  const state = new EngineState();
  const ignore = () => undefined;
  return new RunningCall({ id: 1, name: "slow", method, params: {}, timeoutMs, state, notify: ignore, onLost: ignore });
}

test("what an aborted call still achieves is undone", async () => {
  const gate = createGate();
  const undone: string[] = [];
  const call = startCall(
    () => gate.passed,
    (result) => undone.push(result),
  );
  call.abort("CANCELLED", "no longer wanted");
  await expect(call.result).rejects.toMatchObject({ code: "CANCELLED" });
  expect(undone).toEqual([]);
  gate.open("worker-1");
  await call.ended;
  expect(undone).toEqual(["worker-1"]);
});

test("a call that has its result is not undone", async () => {
  const undone: string[] = [];
  const call = startCall(
    () => Promise.resolve("worker-1"),
    (result) => undone.push(result),
  );
  expect(await call.result).toBe("worker-1");
  await call.ended;
  expect(undone).toEqual([]);
});

test("a method that ignores its signal does not delay the answer", async () => {
  const gate = createGate();
  const call = startCall(
    () => gate.passed,
    () => undefined,
    5,
  );
  await expect(call.result).rejects.toMatchObject({ code: "CALL_TIMEOUT", message: "`slow` did not end within 5 ms" });
  gate.open("");
  await call.ended;
});

test("a call that waits for acknowledgements ends when it is aborted", async () => {
  const call = startCall(
    async ({ waitForRoom }) => {
      await waitForRoom(3, 3);
      return "";
    },
    () => undefined,
  );
  call.abort("CANCELLED", "no longer wanted");
  await expect(call.result).rejects.toMatchObject({ code: "CANCELLED" });
  await call.ended;
});
