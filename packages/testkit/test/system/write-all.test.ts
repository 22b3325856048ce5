import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeAll } from "../../src/system/index.js";
import { createTemporaryFolder } from "../cli/run-cli.js";

/** A file that takes `mostBytes` at once. */
function createFile(mostBytes: number) {
  const calls: (number | null)[] = [];
  const content: number[] = [];
  const write = (bytes: Uint8Array, ...[at, length, place]: [number, number, number | null]) => {
    const taken = bytes.subarray(at, at + Math.min(length, mostBytes));
    calls.push(place);
    content.push(...taken);
    return Promise.resolve({ bytesWritten: taken.byteLength });
  };
  return { file: { write } as unknown as Parameters<typeof writeAll>[0], calls, content };
}

test("the rest of a partial write is written by the next one, at the right position", async () => {
  const { file, calls, content } = createFile(3);
  await writeAll(file, Uint8Array.from([1, 2, 3, 4, 5, 6, 7]), 100);
  expect({ content, calls }).toEqual({ content: [1, 2, 3, 4, 5, 6, 7], calls: [100, 103, 106] });
});

test("without a position, every write follows the previous one", async () => {
  const { file, calls } = createFile(4);
  await writeAll(file, new Uint8Array(8));
  expect(calls).toEqual([null, null]);
});

test("a file that accepts nothing is an error, not an endless loop", async () => {
  await expect(writeAll(createFile(0).file, new Uint8Array(1))).rejects.toThrow("accepts no more bytes");
});

test("the system's error is thrown", async () => {
  await using file = await open("/dev/full", "w");
  await expect(writeAll(file, new Uint8Array(10))).rejects.toMatchObject({ code: "ENOSPC" });
});

test("several writes into a real file", async () => {
  const path = join(createTemporaryFolder(), "file");
  await using file = await open(path, "w");
  await writeAll(file, Buffer.from("one "));
  await writeAll(file, Buffer.from("two"));
  expect(await readFile(path, "utf8")).toBe("one two");
});
