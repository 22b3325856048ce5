import { describe, expect, test } from "vitest";
import { servers } from "../../src/servers/index.js";
import type { ServerPreset } from "../../src/servers/presets.js";
import type { ProgramOptions } from "../../src/harness/index.js";

const PRESETS = Object.entries(servers) as [string, (preset: ServerPreset) => ProgramOptions][];

describe.each(PRESETS)("servers.%s()", (_, preset) => {
  test("names the model, and leaves the port to the framework", () => {
    const { command, args = [], env = {}, model, dialect } = preset({ model: "a-model" });
    const given = [...args, ...Object.values(env), model];

    expect(command).not.toBe("");
    expect(given).toContain("a-model");
    expect(given.join(" ")).toContain("{port}");
    expect(given.join(" ")).toContain("{host}");
    expect(dialect).toBeTypeOf("string");
  });

  test("passes further arguments on, at the end", () => {
    expect(preset({ model: "m", args: ["--extra", "1"] }).args?.slice(-2)).toEqual(["--extra", "1"]);
  });

  test("carries parallelism and context, and names neither when they are not given", () => {
    const { args: given = [], env: givenEnv = {} } = preset({ model: "m", parallel: 3, contextSize: 500 });
    const { args = [], env = {} } = preset({ model: "m" });

    expect([...given, ...Object.values(givenEnv)]).toContain("3");
    expect([...given, ...Object.values(givenEnv)].join(" ")).toMatch(/\b(500|1500)\b/);
    expect([...args, ...Object.values(env)]).not.toContain("undefined");
  });

  test("rejects a preset without a model, and an unknown option", () => {
    expect(() => preset({} as ServerPreset)).toThrow("[INVALID_OPTION]");
    expect(() => preset({ model: "m", modle: "x" } as ServerPreset)).toThrow("modle");
  });
});

test("llama-server shares its context among the slots, so each gets what was asked for", () => {
  const { args = [] } = servers.llamaServer({ model: "m.gguf", parallel: 4, contextSize: 1024 });

  expect(args[args.indexOf("-c") + 1]).toBe("4096");
});
