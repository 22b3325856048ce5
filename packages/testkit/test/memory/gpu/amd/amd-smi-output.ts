/**
 * What `amd-smi` prints with `--json`, in the forms that were found in public reports. Values are shortened, never the form.
 */

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 4)}\n`;
const size = (value: number, unit: string) => ({ value, unit });

/** UUIDs of the examples: that of HIP is made of the unique id, that of amd-smi of the same digits and others. */
export const AMD_UUIDS = { a: "GPU-de8287300da37c72", b: "GPU-a32343daf897162a" } as const;

const enumerated = (gpu: number, hipId: number | "N/A", hipUuid: string) => ({
  gpu,
  bdf: `0000:8${gpu}:00.0`,
  uuid: `deff740f-0000-1000-8082-87300da3${gpu}c72`,
  kfd_id: 45534,
  node_id: gpu + 1,
  partition_id: 0,
  render: `renderD12${gpu + 8}`,
  card: `card${gpu}`,
  hsa_id: gpu + 1,
  hip_id: hipId,
  hip_uuid: hipUuid,
});

/** Answers to `list -e --json`. The keys are those that amd-smi's own `list` command stores (ROCm/amdsmi, `amdsmi_cli/amdsmi_commands.py`). */
export const LIST_OUTPUT = {
  one: json([enumerated(0, 0, AMD_UUIDS.a)]),
  several: json([enumerated(0, 0, AMD_UUIDS.a), enumerated(1, 1, AMD_UUIDS.b)]),
  /** HIP counts in another order than amd-smi on machines with an integrated GPU; each row has its number. */
  reversed: json([enumerated(0, 1, AMD_UUIDS.a), enumerated(1, 0, AMD_UUIDS.b)]),
  /** A GPU without a number is one that HIP does not see. */
  oneHidden: json([enumerated(0, "N/A", "N/A"), enumerated(1, 0, AMD_UUIDS.b)]),
  /** `list --json` of ROCm 6.0 and 6.1, which have no `-e`. */
  plain: json([
    { gpu: 0, bdf: "0000:83:00.0", uuid: "2eff744c-0000-1000-80f0-f2ec93ecf05a" },
    { gpu: 1, bdf: "0000:84:00.0", uuid: "45ff744c-0000-1000-80c1-c1ca08c4ca05" },
  ]),
  /** After advice on permissions, on standard output: the form is that of a public test of an environment collector (`AmdInfoGetter`). */
  afterAdvice: `Permission needed to access required GPU device node(s):\n  • /dev/kfd: Permission denied\n\n[WARNING] To resolve this issue, add your user to the group\n\n${json([enumerated(0, 0, AMD_UUIDS.a)])}`,
  none: "[]\n",
  /** Exit code 255, on standard error, without the kernel module; "driver not initialized" in older releases: ROCm/ROCm issue 2767. */
  noDriver: "ERROR:root:Drivers not loaded (amdgpu, amd_hsmp, ionic, bnxt_en drivers not found in modules)\n",
} as const;

/** Answers to `static --asic --json`: a list, from ROCm 6.4 on in `gpu_data`; henrygd/beszel issue 737 has the nesting. */
export const STATIC_OUTPUT = {
  same: json([
    { gpu: 0, asic: { market_name: "AMD Instinct MI300X", vendor_id: "0x1002" } },
    { gpu: 1, asic: { market_name: "AMD Instinct MI300X", vendor_id: "0x1002" } },
  ]),
  mixed: json({
    gpu_data: [
      { gpu: 0, asic: { market_name: "AMD Radeon AI PRO R9700" } },
      { gpu: 1, asic: { market_name: "AMD Radeon 8060S Graphics" } },
    ],
  }),
  notAvailable: json([{ gpu: 0, asic: "N/A" }]),
} as const;

const memUsage = (gpu: number, used: unknown, total: unknown) => ({
  gpu,
  mem_usage: { total_vram: total, used_vram: used, free_vram: "N/A", total_gtt: size(98304, "MB") },
});

/** Answers to `metric --mem-usage --gpu <n> --json`: henrygd/beszel issue 737. */
export const METRIC_OUTPUT = {
  list: (gpu: number) => json([memUsage(gpu, size(2048 + gpu, "MB"), size(16368, "MB"))]),
  /** Newer releases put the list in `gpu_data`. */
  wrapped: (gpu: number) => json({ gpu_data: [memUsage(gpu, size(2048 + gpu, "MB"), size(16368, "MB"))] }),
  /** One GPU without a list around it. */
  bare: (gpu: number) => json(memUsage(gpu, size(2048 + gpu, "MB"), size(16368, "MB"))),
  notAvailable: json([memUsage(0, "N/A", "N/A")]),
  notAvailableAtAll: json([{ gpu: 0, mem_usage: "N/A" }]),
  withoutFigure: json([{ gpu: 0, mem_usage: { total_vram: size(16368, "MB") } }]),
} as const;

const process = (pid: number, vram: unknown) => ({
  process_info: {
    name: "llama-server",
    pid,
    memory_usage: { gtt_mem: size(6180000, "B"), cpu_mem: size(0, "B"), vram_mem: vram },
    mem_usage: size(6228000, "B"),
    usage: { gfx: size(0, "ns"), enc: size(0, "ns") },
    cu_occupancy: "N/A",
  },
});
const processes = (gpu: number, list: unknown) => ({ gpu, process_list: list });

/** Answers to `process --gpu <n> --json`: ROCm/rocm-systems pull 6396, henrygd/beszel issue 737. */
export const PROCESS_OUTPUT = {
  of: (gpu: number, pids: readonly (readonly [pid: number, bytes: number])[]) =>
    json([
      processes(
        gpu,
        pids.map(([pid, bytes]) => process(pid, size(bytes, "B"))),
      ),
    ]),
  none: (gpu: number) => json([processes(gpu, [{ process_info: "No running processes detected" }])]),
  notAvailable: json([processes(0, [process(41, "N/A"), { process_info: { pid: 42, memory_usage: "N/A" } }])]),
  noList: json([processes(0, "N/A")]),
} as const;
