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

/** Names who has what, and who waits. */
export function createTimeoutError(
  own: LedgerEntry,
  { shares, ahead }: { readonly shares: readonly GpuShares[]; readonly ahead: readonly LedgerEntry[] },
  waitedMs: number,
): TestkitError {
  const wanted = own.bytes === undefined ? "a whole GPU" : formatBytes(own.bytes);
  const who = ahead[0] === undefined ? "" : `; ${describeEntry(ahead[0])} waits for ${formatWish(ahead[0])} before it`;
  return new TestkitError("GPU_MEMORY_TIMEOUT", {
    message: [
      `No GPU had room for \`${own.name}\` (${wanted}) within ${formatMs(waitedMs)}${who}`,
      ...shares.map(describeGpu),
    ],
    hint: "Raise `timeoutMs`, declare a smaller `vramMiB`, or end what uses the GPU.",
    details: { name: own.name, bytes: own.bytes, waitedMs },
  });
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
