import { describe, expect, test } from "vitest";
import { CORRELATION_ID_HEADER, findReadyLine, parseCancelAnswer, parseHealth, parseSlots } from "../src/index.js";

const HEALTH = {
  status: "healthy",
  worker_id: "w",
  model: "m",
  device: "cpu",
  resident: true,
  vram_bytes: 1,
  quant_kind: "Q4_K_M",
  context_length: 4096,
  vocab_size: 1000,
  uptime_seconds: 1.5,
  slots: { total: 1, busy: 0, queued: 0 },
  determinism: ["repeat", "restart", "slot", "load"],
  pid: 7,
};

describe("parseHealth", () => {
  test("accepts a complete answer and keeps unknown fields", () => {
    expect(parseHealth({ ...HEALTH, extra: 1 })).toEqual({ ...HEALTH, extra: 1 });
    expect(parseHealth({ ...HEALTH, status: "unhealthy", determinism: [] }).status).toBe("unhealthy");
  });

  test.each(Object.keys(HEALTH))("rejects an answer without %s", (field) => {
    const rest = Object.fromEntries(Object.entries(HEALTH).filter(([name]) => name !== field));
    expect(() => parseHealth(rest)).toThrow(`\`${field}\` missing`);
  });

  test("names everything that is missing or invalid at once", () => {
    expect(() => parseHealth({ ...HEALTH, pid: undefined, model: undefined, slots: { total: "1", busy: 0 } })).toThrow(
      '`model`, `slots.queued`, `pid` missing; expected `slots.total` to be number, got `"1"`',
    );
  });

  test.each([
    ["status", "ok"],
    ["worker_id", 1],
    ["resident", "yes"],
    ["vram_bytes", -1],
    ["vocab_size", 1.5],
    ["uptime_seconds", -1],
    ["slots", { total: 1, busy: 0 }],
    ["determinism", ["sometimes"]],
    ["pid", "7"],
  ])("rejects %s: %j", (field, value) => {
    expect(() => parseHealth({ ...HEALTH, [field]: value })).toThrow();
  });

  test.each([[null], ["healthy"], [[]]])("rejects %j", (value) => {
    expect(() => parseHealth(value)).toThrow();
  });
});

describe("parseSlots", () => {
  test("checks only the slots of an answer", () => {
    expect(parseSlots(HEALTH)).toEqual({ total: 1, busy: 0, queued: 0 });
    expect(parseSlots({ status: 7, slots: { busy: 2, queued: 1, more: "x" } })).toEqual({ busy: 2, queued: 1 });
  });

  test.each<[unknown, string]>([
    [{ status: "healthy" }, "`slots` missing"],
    [{ slots: { busy: 0 } }, "`slots.queued` missing"],
    [{ slots: {} }, "`slots.busy`, `slots.queued` missing"],
    [{ slots: { busy: -1, queued: 0 } }, "expected `slots.busy` to be >=0, got `-1`"],
    [{ slots: { busy: 0, queued: 0, total: "1" } }, "expected `slots.total` to be number"],
    [null, "expected the answer to be Object, got `null`"],
  ])("rejects %j by name", (value, message) => {
    expect(() => parseSlots(value)).toThrow(message);
  });
});

describe("parseCancelAnswer", () => {
  test.each(["cancelling", "finished", "unknown"])("accepts the state %s", (state) => {
    expect(parseCancelAnswer({ job_id: "a", state })).toEqual({ job_id: "a", state });
  });

  test.each([[{ job_id: "a", state: "gone" }], [{ state: "unknown" }], [{ job_id: 1, state: "unknown" }], [null]])(
    "rejects %j",
    (value) => expect(() => parseCancelAnswer(value)).toThrow(),
  );
});

describe("findReadyLine", () => {
  const READY = { event: "ready", worker_id: "w", host: "127.0.0.1", port: 1024, pid: 7, model: "m", device: "cpu" };

  test("reads the ready line, including unknown fields", () => {
    expect(findReadyLine(JSON.stringify({ ...READY, more: 1 }))).toEqual({ ...READY, more: 1 });
  });

  test.each([
    "",
    "ready",
    '"ready"',
    '{"event":"startup"}',
    '{"event":"ready"',
    'server is "ready" now',
    ...Object.keys(READY).map((field) => JSON.stringify({ ...READY, [field]: undefined })),
    ...[0, 65_536, 1.5, "80"].map((port) => JSON.stringify({ ...READY, port })),
    JSON.stringify({ ...READY, pid: 0 }),
  ])("anything else is undefined: %s", (line) => {
    expect(findReadyLine(line)).toBeUndefined();
  });
});

test("the correlation id has one header name, in lower case as Node gives it", () => {
  expect(CORRELATION_ID_HEADER).toBe("x-correlation-id");
});
