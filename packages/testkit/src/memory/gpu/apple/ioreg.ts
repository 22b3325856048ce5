import { totalmem } from "node:os";
import type { GpuAnswer, GpuCell, GpuTarget, GpuTool } from "../backend.js";

/** One accelerator of the I/O registry. */
interface Accelerator {
  readonly index: number;
  /** Its registry entry id, which changes on every boot: macOS has no GPU UUIDs. */
  readonly uuid: string;
  readonly name: string;
  readonly used: GpuCell;
}

/** Apple silicon: the GPU has no dedicated memory, so the total is that of the machine. */
export const ioreg = {
  vendor: "apple",
  program: "ioreg",
  notFound: "this is not macOS",
  isUsual: (platform) => platform === "darwin",
  apis: ["metal", "mps"],
  definitions: {
    device:
      "unified memory in use by the GPU as a whole (`In use system memory` of ioreg -c IOAccelerator), for any process",
    process: "not available: macOS does not report GPU memory by process",
  },
  open: (run) => async (target) => {
    const answer = await run(["-r", "-d", "1", "-w", "0", "-c", "IOAccelerator"]);
    return "failed" in answer ? { missing: answer.failed } : selectAccelerator(parseAccelerators(answer.text), target);
  },
} as const satisfies GpuTool;

/** Parses `ioreg -r -d 1 -w 0 -c IOAccelerator`: a line `+-o <name>  <class …, id 0x…>`, then the properties. */
export function parseAccelerators(text: string): readonly Accelerator[] {
  const entries = text.split(/^\s*\+-o /m).slice(1);
  return entries.map((entry, index) => ({
    index,
    uuid: /\bid (0x[\da-f]+)/.exec(entry)?.[1] ?? "N/A",
    name: /"model" = <?"([^"]+)"/.exec(entry)?.[1] ?? /^\S+/.exec(entry)?.[0] ?? "GPU",
    used: parseUsed(entry),
  }));
}

/** `In use system memory (driver)` is a different figure, printed before it. */
function parseUsed(entry: string): GpuCell {
  const statistics = /"PerformanceStatistics" = \{([^}]*)\}/.exec(entry)?.[1];
  if (statistics === undefined) return { missing: "ioreg prints no complete `PerformanceStatistics` of the GPU" };
  const bytes = /"In use system memory"=(\d+)/.exec(statistics)?.[1];
  return bytes === undefined
    ? { missing: "ioreg prints no `In use system memory` of the GPU" }
    : { bytes: Number(bytes) };
}

function selectAccelerator(accelerators: readonly Accelerator[], { device }: GpuTarget): GpuAnswer {
  if (accelerators.length === 0) return { missing: "ioreg lists no IOAccelerator" };
  const isWanted = ({ index, uuid }: Accelerator): boolean =>
    typeof device === "number" ? index === device : uuid === device.toLowerCase();
  const accelerator = accelerators.find(isWanted);
  if (accelerator === undefined) {
    const listed = accelerators.map(({ index, name, uuid }) => `${index} (${name}, ${uuid})`).join(", ");
    return { missing: `there is no GPU ${device}; ioreg lists ${listed}`, isFinal: true };
  }
  const { index, uuid, name, used } = accelerator;
  const note = "the GPU shares the memory of the machine: the total is all of it";
  const processes = { missing: "macOS does not report GPU memory by process" };
  return { gpu: { index, uuid, name, totalBytes: totalmem(), note }, used, processes };
}
