import type { FileHandle } from "node:fs/promises";

/**
 * Writes all of the bytes. The system may write fewer than requested, for example just below a quota, and reports that only in the return
 * value of `write`; the next call fails with the reason.
 *
 * @param position in the file; after the last write if left out.
 * @throws the system's error, even if some of the bytes were written.
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
