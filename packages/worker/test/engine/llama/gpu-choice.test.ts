import { describe, expect, test } from "vitest";
import { chooseGpu, type FoundGpus } from "../../../src/engine/llama/gpu-choice.js";
import { listDeviceNames } from "../../../src/engine/llama/gpu-discovery.js";

const cuda: FoundGpus = { backend: "cuda", deviceNames: ["RTX A", "RTX B"] };
const vulkan: FoundGpus = { backend: "vulkan", deviceNames: ["RTX A", "RTX B", "iGPU"] };

describe("chooseGpu()", () => {
  test("the only device needs no variable", () => {
    const found: FoundGpus[] = [{ backend: "metal", deviceNames: ["Apple M"] }];
    expect(chooseGpu(0, found, {})).toEqual({ backend: "metal", deviceName: "Apple M", device: "metal:0" });
  });

  test("one of several becomes the only visible one", () => {
    expect(chooseGpu(1, [cuda], {})).toEqual({
      backend: "cuda",
      deviceName: "RTX B",
      device: "cuda:1",
      visibility: { name: "CUDA_VISIBLE_DEVICES", value: "1" },
    });
    expect(chooseGpu(2, [vulkan], {}).visibility).toEqual({ name: "GGML_VK_VISIBLE_DEVICES", value: "2" });
  });

  test("an index counts within a variable that is already set", () => {
    const environment = { CUDA_VISIBLE_DEVICES: "3, GPU-8f2" };
    expect(chooseGpu(0, [cuda], environment).visibility?.value).toBe("3");
    expect(chooseGpu(1, [cuda], environment).visibility?.value).toBe("GPU-8f2");
  });

  test("CUDA is preferred, a back end without devices is skipped", () => {
    expect(chooseGpu(0, [vulkan, cuda], {}).device).toBe("cuda:0");
    expect(chooseGpu(0, [vulkan, { backend: "cuda", deviceNames: [] }], {}).device).toBe("vulkan:0");
  });

  test("there is no fallback to another device or back end; the error lists the available ones", () => {
    const choose = () => chooseGpu(2, [vulkan, cuda], {});
    expect(choose).toThrow(
      "No GPU device 2: there is cuda:0 (RTX A), cuda:1 (RTX B), vulkan:0 (RTX A), vulkan:1 (RTX B), vulkan:2 (iGPU); " +
        "device -1 is the CPU",
    );
    expect(choose).toThrow(expect.objectContaining({ code: "DEVICE_NOT_FOUND" }));
  });

  test("no GPU at all", () => {
    expect(() => chooseGpu(0, [], {})).toThrow("this machine has no GPU that llama.cpp can use");
  });
});

describe("listDeviceNames()", () => {
  test("uses another process: the CPU back end has no GPU, and neither has one that cannot be loaded", async () => {
    expect(await listDeviceNames("cpu")).toEqual([]);
    expect(process.env["CUDA_VISIBLE_DEVICES"]).toBeUndefined();
  });
});
