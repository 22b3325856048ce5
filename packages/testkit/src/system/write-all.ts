import type { FileHandle } from "node:fs/promises";

/**
 * Writes all of the bytes. The system may take fewer than it was given, for example just below a quota, and says so only in the count that
 * `write` returns; the call after that fails with the reason.
 *
 * @param position where in the file; the place after the last write if it is left out.
 * @throws the system's error, also if only the first bytes could be written.
 */
export async function writeAll(
  file: Pick<FileHandle, "write">,
  bytes: Uint8Array,
  position: number | null = null,
): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    const place = position === null ? null : position + at;
    const { bytesWritten } = await file.write(bytes, at, bytes.byteLength - at, place);
    if (bytesWritten === 0) throw new Error("the system accepts no more bytes and gives no reason");
    at += bytesWritten;
  }
}
