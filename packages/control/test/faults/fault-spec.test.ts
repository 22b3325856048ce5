import { describe, expect, test } from "vitest";
import { definitionOf, FAULT_GROUPS, FAULT_IDS, parseFaults, type FaultProvider } from "../../src/index.js";

function messageOf(value: unknown, provider: FaultProvider = "stub"): string {
  try {
    parseFaults(value, provider);
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  return "valid";
}

describe("the catalogue", () => {
  test.each(FAULT_IDS)("%s has a meaning and a report, and works without parameters", (id) => {
    const { meaning, reports, provider } = definitionOf(id);
    expect(meaning).toMatch(/\.$/);
    expect(reports).not.toBe("");
    expect(parseFaults([{ id }], provider)).toMatchObject([{ id, when: "always", match: {}, optional: false }]);
  });

  test("every group has faults", () => {
    expect(new Set(FAULT_IDS.map((id) => definitionOf(id).group))).toEqual(new Set(FAULT_GROUPS));
  });

  test.each(FAULT_IDS)("%s has a point exactly when it allows one, and its default is an allowed one", (id) => {
    const { at, defaultAt, provider } = definitionOf(id);
    expect(defaultAt === undefined).toBe(at.length === 0);
    if (defaultAt !== undefined) expect(messageOf([{ id, at: defaultAt }], provider)).toBe("valid");
  });
});

test("parameters, point and trigger are separated, with defaults filled in", () => {
  const spec = { id: "status", code: 500, when: { nth: 2 }, times: 3, match: { jobId: "a*" }, optional: true };
  expect(parseFaults([spec], "proxy")).toEqual([
    {
      id: "status",
      params: { code: 500, body: expect.any(String) as string },
      when: { nth: 2 },
      times: 3,
      match: { jobId: "a*" },
      optional: true,
      at: undefined,
    },
  ]);
});

describe("accepted values", () => {
  test.each([
    [{ id: "hang", at: { afterMs: 0.5 } }],
    [{ id: "hang", when: "always" }],
    [{ id: "hang", when: { first: 1 } }],
    [{ id: "hang", when: { every: 2 } }],
    [{ id: "hang", when: { p: 0 } }],
    [{ id: "hang", when: { p: 1 } }],
    [{ id: "hang", match: { jobId: "a*" } }],
  ])("%j", (spec) => {
    expect(messageOf([spec])).toBe("valid");
  });
});

describe("rejected values, naming the field", () => {
  test.each<[unknown, string]>([
    [{ id: "vram-om" }, "Expected `faults[0].id` to be one of invalid-json,"],
    [{ id: "vram-om" }, 'got `"vram-om"`'],
    [{}, "got nothing"],
    [null, "got `null`"],
    ["rst", 'Expected `faults[0]` to be a fault such as { id: "rst" }, got `"rst"`'],
    [{ id: "toString" }, 'got `"toString"`'],
    [{ id: "rst" }, "`rst` needs the proxy"],
    [{ id: "kill" }, "`kill` needs the harness"],
    [{ id: "hang", code: 3 }, "`faults[0].code` is not a parameter of this fault"],
    [{ id: "hang", at: { afterTokens: -1 } }, "`faults[0].at.afterTokens`: "],
    [{ id: "hang", at: { afterTokens: 1.5 } }, "`faults[0].at.afterTokens`: "],
    [{ id: "hang", at: { afterBytes: 1 } }, "`faults[0].at`: Expected one of { afterTokens: n }, { afterMs: n }"],
    [{ id: "hang", at: "connect" }, "`faults[0].at`: "],
    [{ id: "lies", at: { afterTokens: 1 } }, "`faults[0].at` is not a parameter of this fault"],
    [{ id: "hang", when: "sometimes" }, "`faults[0].when`: "],
    [{ id: "hang", when: {} }, '`faults[0].when`: expected "always", { nth: n }, { first: n }'],
    [{ id: "vram-omm" }, 'got `"vram-omm"`; did you mean `vram-oom`?'],
    [{ id: "slow", itl: 3 }, "`faults[0].itl` is not a parameter of this fault: expected one of id, itlMs, at, match,"],
    [{ id: "slow", itl: 3 }, "did you mean `itlMs`?"],
    [{ id: "hang", match: { job_id: "a" } }, "expected one of jobId, path; did you mean `jobId`?"],
    [{ id: "hang", when: { nth: 0 } }, "`faults[0].when.nth`: "],
    [{ id: "hang", when: { p: 1.1 } }, "`faults[0].when.p`: "],
    [{ id: "hang", when: { nth: 1, every: 2 } }, "`faults[0].when.every`"],
    [{ id: "hang", times: 0 }, "`faults[0].times`: "],
    [{ id: "hang", match: { job: "a" } }, "`faults[0].match.job`"],
    [{ id: "hang", match: { path: "health" } }, "`faults[0].match.path`: "],
    [{ id: "hang", match: { path: "/health" } }, "`faults[0].match.path` is only for proxy faults"],
    [{ id: "memory-leak", bytes: 0 }, "`faults[0].bytes`: "],
    [{ id: "slow", itlMs: -1 }, "`faults[0].itlMs`: "],
    [{ id: "exit", code: 256 }, "`faults[0].code`: "],
  ])("%j", (spec, part) => {
    expect(messageOf([spec])).toContain(part);
  });

  test("a valid content type", () => {
    const type = "Text/Event-Stream; charset=utf-8";
    expect(messageOf([{ id: "wrong-content-type", type }], "proxy")).toContain(
      "`faults[0].type`: Expected a content type other",
    );
    expect(messageOf([{ id: "wrong-content-type", type: "a\r\nb" }], "proxy")).toContain(
      "Expected text that is valid in a header",
    );
  });

  test("the invalid one of several, and a value that is not a list", () => {
    expect(messageOf([{ id: "hang" }, { id: "slow", itlMs: "1" }])).toContain("`faults[1].itlMs`: ");
    expect(messageOf({ id: "hang" })).toBe('Expected `faults` to be an array, got `{"id":"hang"}`');
  });
});
