import { InvalidOptionError, TestkitError } from "../../errors/index.js";
import { formatBytes, formatMs } from "../../numbers/index.js";
import type { GpuReading, GpuShares } from "./admission.js";
import type { LedgerEntry } from "./ledger-file.js";

const MIB = 1024 ** 2;

/** @throws {INVALID_OPTION} no GPU is that large: a wait would never end. */
export function checkFits(vramMiB: number | undefined, gpus: readonly GpuReading[]): void {
  const largest = Math.max(...gpus.map(({ totalBytes }) => totalBytes));
  if (vramMiB === undefined || vramMiB * MIB <= largest) return;
  const sizes = gpus.map(({ gpu, totalBytes }) => `GPU ${gpu.index} has ${formatBytes(totalBytes)}`).join(", ");
  throw new InvalidOptionError({
    message: `Expected \`vramMiB\` to fit on a GPU (${sizes}), got \`${vramMiB}\``,
    option: "vramMiB",
  });
}

/** Why an entry has to wait. */
interface Wait {
  readonly shares: readonly GpuShares[];
  /** Those that came before it and wait, too. */
  readonly ahead: readonly LedgerEntry[];
}

/** Names who has what, and who waits. */
export function createTimeoutError(own: LedgerEntry, wait: Wait, waitedMs: number): TestkitError {
  const [first = "", ...others] = describeWait(own, wait);
  return new TestkitError("GPU_MEMORY_TIMEOUT", {
    message: [`No GPU had room within ${formatMs(waitedMs)} for ${first}`, ...others],
    hint: "Raise `timeoutMs`, declare a smaller `vramMiB`, or end what uses the GPU.",
    details: { name: own.name, bytes: own.bytes, waitedMs },
  });
}

/** Who waits, and who has what, in lines. */
export function describeWait(own: LedgerEntry, { shares, ahead }: Wait): readonly string[] {
  const [next] = ahead;
  const who = next === undefined ? "" : `; ${describeEntry(next)} waits for ${formatWish(next)} before it`;
  return [`\`${own.name}\` (${formatWish(own)})${who}`, ...shares.map(describeGpu)];
}

function describeGpu({ gpu, totalBytes, freeBytes, foreignBytes, holders }: GpuShares): string {
  const parts = [
    ...holders.map((holder) => `${formatWish(holder)} reserved by ${describeEntry(holder)}`),
    ...(foreignBytes > 0 ? [`${formatBytes(foreignBytes)} in use by others`] : []),
  ];
  const shared = parts.length === 0 ? "" : `: ${parts.join(", ")}`;
  return `GPU ${gpu.index} (${gpu.name}) has ${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} free${shared}`;
}

function formatWish({ bytes }: LedgerEntry): string {
  return bytes === undefined ? "a whole GPU" : formatBytes(bytes);
}

function describeEntry({ name, pid, since }: LedgerEntry): string {
  return `\`${name}\` (pid ${pid}, for ${formatMs(Math.max(0, Date.now() - since))})`;
}
