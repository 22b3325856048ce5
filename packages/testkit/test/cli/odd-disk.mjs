// Preloaded with --import: a disk that takes at most ODD_DISK_BYTES at once, and on which small writes land only after the next truncation,
// or after ODD_DISK_MS if there is none.
import { open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

const SMALL_BYTES = 1024;
const mostBytes = Number(process.env.ODD_DISK_BYTES ?? Infinity);
const lateMs = Number(process.env.ODD_DISK_MS ?? 0);

const handle = await open("/dev/null");
const fileHandle = Object.getPrototypeOf(handle);
const { write, truncate } = fileHandle;
await handle.close();

let onTruncated = () => undefined;

fileHandle.truncate = async function (size) {
  await truncate.call(this, size);
  onTruncated();
};

fileHandle.write = async function (given, offset = 0, wanted, position) {
  const bytes = typeof given === "string" ? Buffer.from(given) : given;
  const length = wanted ?? bytes.byteLength - offset;
  if (lateMs > 0 && length < SMALL_BYTES) {
    await Promise.race([pause(lateMs), new Promise((resolve) => (onTruncated = resolve))]);
  }
  return write.call(this, bytes, offset, Math.min(length, mostBytes), position);
};
