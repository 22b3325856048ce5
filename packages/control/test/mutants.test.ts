import { describe, expect, test } from "vitest";
import { isFaultId, MUTANT_IDS, mutantOf, parseStubConfig } from "../src/index.js";

describe("the catalogue of mutants", () => {
  test.each(MUTANT_IDS)("%s has a defect, checks that kill it, and faults that exist", (id) => {
    const { meaning, killedBy, making, seen } = mutantOf(id);
    expect(id).toMatch(/^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(new Set(killedBy).size).toBe(killedBy.length);
    if (seen !== undefined) expect(seen).toMatch(/^https:\/\//);
    if (making.kind !== "worker") for (const fault of making.faults) expect(isFaultId(fault.id)).toBe(true);
  });
});

test("a stub configuration takes their names", () => {
  expect(parseStubConfig({ mutants: ["stop.leaks-prefix"] }).mutants).toEqual(["stop.leaks-prefix"]);
});

test.each<[unknown, string]>([
  ["stop.leaks-prefix", "`mutants`: expected a list of names"],
  [["stop.leak-prefix"], '`mutants[0]`: there is no mutant "stop.leak-prefix"; did you mean `stop.leaks-prefix`?'],
  [["stop.ignored", 5], "`mutants[1]`: there is no mutant 5"],
  [["stream.stays-open"], "`mutants[0]`: stream.stays-open is a mutant of the wire"],
])("%j is refused", (mutants, message) => {
  expect(() => parseStubConfig({ mutants })).toThrow(message);
});
