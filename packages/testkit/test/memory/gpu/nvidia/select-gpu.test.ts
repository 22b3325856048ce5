import { describe, expect, test } from "vitest";
import { parseGpus, parseMigInstances } from "../../../../src/memory/gpu/nvidia/parse-nvidia-smi.js";
import { selectGpu, type GpuWish } from "../../../../src/memory/gpu/nvidia/select-gpu.js";
import { GPU_OUTPUT, LIST_OUTPUT, UUIDS } from "./nvidia-smi-output.js";

const two = parseGpus(GPU_OUTPUT.several).rows;
const instances = parseMigInstances(LIST_OUTPUT.mig);

function select(wish: Partial<GpuWish>, gpus = two): number | string {
  const selection = selectGpu({ device: 0, visible: undefined, order: undefined, ...wish }, gpus, instances);
  return "missing" in selection ? selection.missing : selection.gpu.index;
}

describe("an index", () => {
  test("matches nvidia-smi when nothing is hidden", () => {
    expect(select({ device: 1 })).toBe(1);
    expect(select({ device: 2 })).toMatch(
      /^there is no GPU 2; nvidia-smi lists 0 \(Tesla V100-PCIE-16GB, GPU-932b.*\), 1 /,
    );
  });

  test("counts within CUDA_VISIBLE_DEVICES", () => {
    expect(select({ visible: "1,0" })).toBe(1);
    expect(select({ visible: "1, 0", device: 1 })).toBe(0);
    expect(select({ visible: `GPU-22b2c6ac,${UUIDS.a}` })).toBe(1);
    expect(select({ visible: "1", device: 1 })).toBe("GPU 1 is not among CUDA_VISIBLE_DEVICES=1");
  });

  test.each(["", "-1", "none", "-1,0", "NoDevFiles"])("CUDA_VISIBLE_DEVICES=%j hides every GPU", (visible) => {
    expect(select({ visible })).toBe(`GPU 0 is not among CUDA_VISIBLE_DEVICES=${visible}`);
  });

  test("is meaningless among different GPUs, which CUDA sorts by speed", () => {
    const mixed = parseGpus(GPU_OUTPUT.mixed).rows;
    expect(select({}, mixed)).toMatch(/^GPU 0 may be another one for CUDA, .* set CUDA_DEVICE_ORDER=PCI_BUS_ID /);
    expect(select({ order: "PCI_BUS_ID" }, mixed)).toBe(0);
    expect(select({ device: UUIDS.b }, mixed)).toBe(1);
    expect(select({ visible: UUIDS.b }, mixed)).toBe(1);
  });
});

describe("a UUID", () => {
  test("may be a unique prefix", () => {
    expect(select({ device: "GPU-22b2" })).toBe(1);
    expect(select({ device: "GPU-" })).toMatch(/^several GPUs have the UUID GPU-;/);
    expect(select({ device: "GPU-1234" })).toMatch(/^no GPU has the UUID GPU-1234;/);
  });

  test("of a MIG instance selects its GPU, with a note", () => {
    const wish = { device: UUIDS.mig, visible: undefined, order: undefined };
    expect(selectGpu(wish, two, instances)).toEqual({
      gpu: two[0],
      uuids: [UUIDS.a, UUIDS.mig, "MIG-3adbed3a-d03d-549f-a016-ba1fd7359f23"],
      note: `figures of the whole GPU: nvidia-smi has none for the MIG instance ${UUIDS.mig}`,
    });
    expect(select({ visible: UUIDS.mig })).toBe(0);
    expect(select({ visible: `MIG-${UUIDS.b}/1/0` })).toBe(1);
    expect(select({ device: "MIG-1234" })).toBe("nvidia-smi -L lists no MIG instance MIG-1234");
  });
});
