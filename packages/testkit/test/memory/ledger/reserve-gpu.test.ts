import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { rejectionOf, waitFor } from "../../../../../tests/support/conditions.js";
import { createFakeGpu, type FakeGpu } from "../../../../../tests/support/fake-gpu.js";
import { createTemporaryFolder } from "../../../../../tests/support/temporary-folder.js";
import { reserveGpu } from "../../../src/memory/index.js";
import { UUIDS } from "../gpu/nvidia/nvidia-smi-output.js";

const MIB = 1024 ** 2;
/** Two GPUs of 16,000 MiB, with this much in use. */
const gpus = (first: number, second = 0) =>
  `0, ${UUIDS.a}, ${first}, 16000, Tesla V100\n1, ${UUIDS.b}, ${second}, 16000, Tesla V100\n`;

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let fake: FakeGpu;
beforeEach(async () => {
  folder = await createTemporaryFolder();
  vi.stubEnv("TMPDIR", folder.path); // a ledger of its own
  fake = await createFakeGpu({ gpus: gpus(0) });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await fake[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const reserve = (name: string, vramMiB?: number, options: Partial<Parameters<typeof reserveGpu>[0]> = {}) =>
  reserveGpu({ name, vramMiB, everyMs: 10, timeoutMs: 60_000, ...fake.options, ...options });
const refuse = (name: string, vramMiB?: number, options: Partial<Parameters<typeof reserveGpu>[0]> = {}) =>
  rejectionOf(reserve(name, vramMiB, { timeoutMs: 100, ...options }));

describe("admission", () => {
  test("what fits is admitted at once, on the fullest GPU where it does", async () => {
    await using a = await reserve("a", 10_000);
    await using b = await reserve("b", 5_000);
    await using c = await reserve("c", 7_000);

    expect([a.device, b.device, c.device]).toEqual([0, 0, 1]);
    expect(b.bytes).toBe(5_000 * MIB);
  });

  test("what does not fit waits, is told who has what, and comes in when a share is given back", async () => {
    const a = await reserve("a", 10_000, { devices: [0] });
    const error = await refuse("b", 7_000, { devices: [0] });
    expect(error).toMatchObject({ code: "GPU_MEMORY_TIMEOUT" });
    expect(error.message).toContain(" for `b` (6.84 GiB)");
    expect(error.message).toMatch(
      /GPU 0 \(Tesla V100\) has 5\.86 GiB of 15\.63 GiB free: 9\.77 GiB reserved by `a` \(pid \d+, for /,
    );

    const waiting = reserve("b", 7_000, { devices: [0] });
    await a.release();
    await using b = await waiting;
    expect(b.device).toBe(0);
  });

  test("memory in use by others is not free", async () => {
    await fake.set({ gpus: gpus(12_000, 14_000) });
    await using small = await reserve("small", 4_000);
    expect(small.device).toBe(0);

    const error = await refuse("large", 5_000);
    expect(error.message).toContain("13.67 GiB in use by others");
  });

  test("a holder that has loaded its model counts once, with and without a list of processes", async () => {
    await using _a = await reserve("a", 10_000, { devices: [0] });
    await fake.set({ gpus: gpus(9_500), apps: `${UUIDS.a}, ${process.pid}, 9500\n` });
    await using _b = await reserve("b", 3_000, { devices: [0] });
    await fake.set({ gpus: gpus(9_500) });
    await using c = await reserve("c", 3_000, { devices: [0] });

    expect(c.device).toBe(0);
  });

  test("a holder that has not loaded yet does not hide what others use", async () => {
    await using _a = await reserve("a", 8_000, { devices: [0] });
    await fake.set({ gpus: gpus(6_000), apps: `${UUIDS.a}, 1, 6000\n` });

    expect((await refuse("b", 3_000, { devices: [0] })).message).toContain("5.86 GiB in use by others");
  });

  test("nobody overtakes a large one that waits", async () => {
    const a = await reserve("a", 10_000, { devices: [0] });
    const order: string[] = [];
    const large = reserve("large", 12_000, { devices: [0] }).then((share) => (order.push("large"), share));
    await waitFor("the large one waits", async () => {
      const { message } = await refuse("probe", 8_000, { devices: [0] });
      return message.includes("`large`") ? message : undefined;
    });
    const small = reserve("small", 1_000, { devices: [0] }).then((share) => (order.push("small"), share));
    await a.release();
    const shares = await Promise.all([large, small]);

    expect(order).toEqual(["large", "small"]);
    await Promise.all(shares.map((share) => share.release()));
  });

  test("without a size and a last run, a whole GPU is reserved", async () => {
    await using whole = await reserve("unknown");
    await using second = await reserve("also unknown");

    expect(new Set([whole.device, second.device])).toEqual(new Set([0, 1]));
    expect((await refuse("third", 1)).message).toContain("15.63 GiB reserved by `unknown`");
  });

  test("without a size, what the last run of the name used is reserved, and 5 % more", async () => {
    await fake.set({ gpus: gpus(4_000), apps: `${UUIDS.a}, ${process.pid}, 4000\n` });
    const first = await reserve("model", 8_000, { devices: [0] });
    await first.measure();
    await first.release();
    await fake.set({ gpus: gpus(0) });

    await using second = await reserve("model", undefined, { devices: [0] });
    expect(second.bytes).toBe(4_200 * MIB);
  });
});

describe("processes", () => {
  const HOLDER = `
    import { reserveGpu } from "inference-testkit/memory";
    const share = await reserveGpu(JSON.parse(process.argv[1]));
    console.log("has it");
    process.stdin.resume().on("end", async () => { await share.release(); console.log("gave it back"); process.exit(0); });
  `;

  /** Another process that reserves; its lines in order. */
  function startHolder(name: string, vramMiB: number): { child: ChildProcess; lines: AsyncIterator<string> } {
    const options = JSON.stringify({ name, vramMiB, devices: [0], everyMs: 10, timeoutMs: 60_000, ...fake.options });
    const child = spawn(process.execPath, ["--input-type=module", "-e", HOLDER, options], {
      cwd: import.meta.dirname,
      stdio: "pipe",
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  }

  test("of other runs share the ledger; the share of one that is killed is free again", async () => {
    const other = startHolder("other run", 10_000);
    expect(await other.lines.next()).toMatchObject({ value: "has it" });
    expect((await refuse("mine", 8_000, { devices: [0] })).message).toContain(`\`other run\` (pid ${other.child.pid}`);

    const waiting = reserve("mine", 8_000, { devices: [0] });
    other.child.kill("SIGKILL");
    await once(other.child, "exit");
    await using mine = await waiting;
    expect(mine.device).toBe(0);
  });

  test("that wait and are killed are no longer in the way", async () => {
    const holder = await reserve("holder", 10_000, { devices: [0] });
    const waiting = startHolder("waits", 12_000);
    await waitFor("the other process waits", async () => {
      const { message } = await refuse("small", 8_000, { devices: [0] });
      return message.includes("`waits`") ? message : undefined;
    });
    waiting.child.kill("SIGKILL");
    await once(waiting.child, "exit");

    await using small = await reserve("small", 1_000, { devices: [0] });
    expect(small.device).toBe(0);
    await holder.release();
  });

  test("that wait say on stderr for whom, and who has what", async () => {
    await using _holder = await reserve("holder", 10_000, { devices: [0] });
    const waiting = startHolder("waits", 12_000);
    let shown = "";
    waiting.child.stderr!.setEncoding("utf8").on("data", (text: string) => (shown += text));
    await waitFor("a line about the wait", () => (shown.includes("reserved by `holder`") ? true : undefined));

    expect(shown).toMatch(
      /^waiting for a GPU for .*: `waits` \(11\.72 GiB\)\n {2}GPU 0 \(Tesla V100\) has 5\.86 GiB of /,
    );
    const ended = once(waiting.child, "exit");
    waiting.child.kill("SIGKILL");
    await ended; // it writes in the folder until then
  });

  test("eight at once never have more than there is", async () => {
    const holders = Array.from({ length: 8 }, (_, index) => startHolder(`run ${index}`, 5_000));
    const done = await Promise.all(
      holders.map(async ({ child, lines }) => {
        const has = await lines.next();
        child.stdin!.end();
        return [has.value, (await lines.next()).value] as const;
      }),
    );

    expect(done).toEqual(Array(8).fill(["has it", "gave it back"]));
    await using whole = await reserve("after them", 16_000, { devices: [0] });
    expect(whole.bytes).toBe(16_000 * MIB);
  });
});

describe("bad input", () => {
  test("a size that no GPU has is refused at once", async () => {
    expect((await refuse("huge", 17_000)).message).toContain(
      "Expected `vramMiB` to fit on a GPU (GPU 0 has 15.63 GiB, GPU 1 has 15.63 GiB), got `17000`",
    );
  });

  test.each<[string, Record<string, unknown>]>([
    ["name", { name: "" }],
    ["vramMiB", { name: "a", vramMiB: 0 }],
    ["vramMiB", { name: "a", vramMiB: 1.5 }],
    ["devices", { name: "a", devices: [] }],
    ["devices[0]", { name: "a", devices: [-1] }],
    ["gpu", { name: "a", gpu: 1 }],
  ])("%s: %o", async (option, options) => {
    const error = await rejectionOf(reserveGpu(options as never));
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
    expect(error.message).toContain(`\`${option}\``);
  });

  test("a machine without a GPU says why", async () => {
    await fake.set({ gpus: "No devices were found\n", exitCode: 6 });
    expect(await refuse("a", 1)).toMatchObject({ code: "GPU_UNAVAILABLE" });
  });

  test("a signal ends the wait, and the queue is left", async () => {
    const holder = await reserve("holder", 16_000, { devices: [0] });
    const stop = new AbortController();
    const waiting = rejectionOf(reserve("impatient", 16_000, { devices: [0], signal: stop.signal }));
    stop.abort(new Error("enough"));
    expect((await waiting).message).toBe("enough");

    await holder.release();
    await using next = await reserve("next", 16_000, { devices: [0] });
    expect(next.device).toBe(0);
  });
});
