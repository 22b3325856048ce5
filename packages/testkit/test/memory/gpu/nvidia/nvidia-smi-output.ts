/**
 * What `nvidia-smi` really prints, in the forms that were found in public reports. Values are shortened, never the form.
 */

const A = "GPU-932bfb2c-849a-2a22-1e84-9eff6bc02b39";
const B = "GPU-22b2c6ac-2d49-4863-197c-9c469071178a";

/** UUIDs of the examples. */
export const UUIDS = { a: A, b: B, mig: "MIG-0929581a-2be6-5dec-bf34-0954c6c529a6" } as const;

/** Answers to `--query-gpu=index,uuid,memory.used,memory.total,name --format=csv,noheader,nounits`. */
export const GPU_OUTPUT = {
  /** The order of the cells is that of the query; sizes are MiB without the unit: Ricks-Lab/gpu-utils issue 83, eBay/nvidiagpubeat pull 30. */
  several: `0, ${A}, 3256, 16280, Tesla V100-PCIE-16GB\n1, ${B}, 4, 16280, Tesla V100-PCIE-16GB\n`,
  /** GPUs of different kinds in one machine. */
  mixed: `0, ${A}, 1934, 1995, GeForce GT 1030\n1, ${B}, 2789, 7979, GeForce RTX 2080\n`,
  /** Windows and WSL end their lines with CR LF. */
  carriageReturns: `0, ${A}, 3256, 16280, Tesla V100-PCIE-16GB\r\n`,
  /** With `--format=csv,noheader`, as older scripts ask: enkore/i3pystatus pull 776 has both forms. */
  withUnits: `0, ${A}, 3256 MiB, 16280 MiB, Tesla V100-PCIE-16GB\n`,
  /** Unified memory (DGX Spark, GB10) has no figure: mostlygeek/llama-swap issue 782, XuehaiPan/nvitop pull 208. */
  notAvailable: `0, ${A}, [N/A], [N/A], NVIDIA GB10\n`,
  /** The same from older drivers: enkore/i3pystatus pull 776. */
  notSupported: `0, ${A}, [Not Supported], [Not Supported], GeForce 410M\n`,
  /** MIG without privileges: Stability-AI/StableSwarmUI issue 388, IDSIA/sacred issue 864. */
  insufficientPermissions: `0, ${A}, [Insufficient Permissions], [Insufficient Permissions], NVIDIA A100-SXM4-80GB\n`,
  /** enkore/i3pystatus pull 850. */
  unknownError: `0, ${A}, [Unknown Error], 16280, Tesla V100-PCIE-16GB\n`,
  /** A GPU that fell off the bus is a line of text: xxd3vin/workspace issue 19, NVIDIA/open-gpu-kernel-modules issue 387. */
  oneIsLost: `0, ${A}, 3256, 16280, Tesla V100-PCIE-16GB\nUnable to determine the device handle for GPU 0000:0B:00.0: Unknown Error\n`,
  /**
   * On standard output: beasteers/singuconda issue 6, NVIDIA/open-gpu-kernel-modules issue 862. The exit codes of nvidia-smi are those of
   * NVML: 6 "a query to find an object was unsuccessful", 9 "NVIDIA driver is not loaded" (nvmlReturn_t in NVIDIA's NVML reference).
   */
  noDevices: "No devices were found\n",
  /** On standard output: NVIDIA/nvidia-docker issue 988 and many more. */
  noDriver:
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n",
  /** With exit code 18: anderskm/gputil issue 55. */
  versionMismatch: "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 535.161\n",
} as const;

/** Answers to `--query-compute-apps=gpu_uuid,pid,used_gpu_memory --format=csv,noheader,nounits`. */
export const APPS_OUTPUT = {
  /** mostlygeek/llama-swap issue 782 (with the process name between). */
  two: `${A}, 114687, 19135\n${B}, 28290, 1012\n`,
  /** Nobody computes; in a container also when somebody does: NVIDIA/nvidia-docker issues 179 and 1460. */
  none: "",
  /** WSL and Windows (WDDM): scripts for Windows expect this cell or the next one; the form is that of `--query-gpu`. */
  notAvailable: `${A}, 114687, [N/A]\n`,
  /** A process of somebody else. Found as the process name (`pid 524 [Insufficient Permissions]`) and expected as the memory by scripts. */
  insufficientPermissions: `${A}, 524, [Insufficient Permissions]\n`,
} as const;

/** Answers to `-L`. */
export const LIST_OUTPUT = {
  /** NVIDIA/nvidia-container-toolkit issue 203. */
  mig: [
    `GPU 0: NVIDIA A100 80GB PCIe (UUID: ${A})`,
    "  MIG 3g.40gb     Device  0: (UUID: MIG-0929581a-2be6-5dec-bf34-0954c6c529a6)",
    "  MIG 3g.40gb     Device  1: (UUID: MIG-3adbed3a-d03d-549f-a016-ba1fd7359f23)",
    `GPU 1: NVIDIA A100 80GB PCIe (UUID: ${B})`,
    "",
  ].join("\n"),
  plain: `GPU 0: Tesla V100-PCIE-16GB (UUID: ${A})\nGPU 1: Tesla V100-PCIE-16GB (UUID: ${B})\n`,
} as const;
