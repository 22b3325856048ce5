import { describe, expect, test } from "vitest";
import { createFakeTool } from "../../../../../../tests/support/fake-gpu.js";
import { chooseBackends } from "../../../../src/memory/gpu/choose-backends.js";
import { GpuReader } from "../../../../src/memory/gpu/gpu-reader.js";
import { CARDS_OUTPUT, NO_DRIVER, NO_PROCESSES, PIDS_OUTPUT } from "./rocm-smi-output.js";

interface Reading {
  readonly cards?: string;
  readonly pids?: string;
  readonly errors?: string;
  readonly device?: number | string;
  readonly env?: Record<string, string>;
}

async function read({ cards = CARDS_OUTPUT.one, pids = PIDS_OUTPUT.several, errors, device = 0, env = {} }: Reading) {
  const answers = {
    "--showmeminfo vram --showuniqueid --showproductname --json": cards,
    "--showpids --json": pids,
  };
  await using fake = await createFakeTool({ answers, errors });
  const [, rocmSmi] = chooseBackends({ gpuBackend: "amd", gpuCommand: fake.gpuCommand });
  return await new GpuReader([rocmSmi!.backend], { device, env }).read();
}

test("a GPU with its processes; one that only opened the driver is not listed", async () => {
  expect(await read({})).toMatchObject({
    gpu: { index: 0, uuid: "GPU-a32343daf897162a", name: "Radeon RX 7900 XT", totalBytes: 21_458_059_264 },
    used: { bytes: 27_856_896 },
    processes: [{ pid: 1_168_514, used: { bytes: 177_386_942_464 } }],
  });
});

describe("output variants", () => {
  test("a warning before the JSON", async () => {
    expect(await read({ cards: CARDS_OUTPUT.afterWarning })).toMatchObject({ used: { bytes: 27_856_896 } });
  });

  test("unavailable values are missing", async () => {
    expect(await read({ cards: CARDS_OUTPUT.notAvailable })).toMatchObject({
      gpu: { name: "0x744c", totalBytes: undefined },
      used: { missing: "rocm-smi VRAM Total Used Memory (B): N/A" },
    });
  });

  test("figures truncated anywhere are missing, never a different number", async () => {
    const whole = CARDS_OUTPUT.one;
    for (let length = 0; length < whole.trimEnd().length; length += 29) {
      expect(await read({ cards: whole.slice(0, length) }), whole.slice(0, length)).toHaveProperty("missing");
    }
  });

  test("processes", async () => {
    const processesOf = async (reading: Reading) => {
      const answer = await read(reading);
      return "missing" in answer ? answer : answer.processes;
    };
    expect(await processesOf({ pids: PIDS_OUTPUT.commaInName })).toEqual([{ pid: 7, used: { bytes: 5 } }]);
    const missing = "rocm-smi VRAM USED: UNKNOWN";
    expect(await processesOf({ pids: PIDS_OUTPUT.unknown })).toEqual([{ pid: 2_254_756, used: { missing } }]);
    expect(await processesOf({ pids: "", errors: NO_PROCESSES })).toEqual([]);
    expect(await processesOf({ pids: '{"system": {"PID1' })).toEqual({
      missing: 'rocm-smi printed incomplete JSON: {"system": {"PID1',
    });
  });

  test("several GPUs: the list does not show which one a process uses", async () => {
    expect(await read({ cards: CARDS_OUTPUT.mixed })).toMatchObject({
      used: { bytes: 27_856_896 },
      processes: { missing: expect.stringContaining("does not report which GPU") as string },
    });
  });

  test("no driver: exit code 0, and the reason on standard error", async () => {
    expect(await read({ cards: "", errors: NO_DRIVER })).toMatchObject({
      missing: expect.stringMatching(/^rocm-smi printed no JSON: ERROR:root:Driver not initialized/) as string,
    });
    expect(await read({ cards: "{}" })).toMatchObject({ missing: "rocm-smi lists no GPU" });
  });
});

describe("which GPU", () => {
  const indexOf = async (reading: Reading): Promise<number | string> => {
    const answer = await read(reading);
    return "missing" in answer ? answer.missing : answer.gpu.index;
  };

  test("HIP orders by node", async () => {
    expect(await indexOf({ cards: CARDS_OUTPUT.mixed })).toBe(0);
    expect(await indexOf({ cards: CARDS_OUTPUT.reversedNodes })).toBe(1);
    expect(await indexOf({ cards: CARDS_OUTPUT.reversedNodes, env: { HIP_VISIBLE_DEVICES: "1" } })).toBe(0);
  });

  test("without nodes, an index is meaningless if the GPUs differ", async () => {
    expect(await indexOf({ cards: CARDS_OUTPUT.old })).toMatch(/^rocm-smi does not print in which order HIP counts/);
  });

  test("a UUID as printed by rocm-smi or HIP", async () => {
    expect(await indexOf({ cards: CARDS_OUTPUT.reversedNodes, device: "0xa32343daf897162a" })).toBe(0);
    expect(
      await indexOf({ cards: CARDS_OUTPUT.reversedNodes, env: { ROCR_VISIBLE_DEVICES: "GPU-a32343daf897162a" } }),
    ).toBe(0);
  });
});
