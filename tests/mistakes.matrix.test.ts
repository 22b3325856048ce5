import { afterAll, describe, expect, test } from "vitest";
import { AREAS } from "./mistakes/catalogue/index.mjs";
import { hasLanguage, Programs } from "./mistakes/programs.js";
import { runMistake } from "./mistakes/run-mistake.js";

const programs = new Programs();
afterAll(() => programs.remove());

describe.each(AREAS)("$title:", ({ mistakes }) => {
  for (const mistake of mistakes) {
    const { id, wrong, user, found, notFindable, language = "node" } = mistake;
    const isMissing = !hasLanguage(language);
    const name = `${id}: ${wrong}; a test that ${user} gets ${found ?? "nothing"} (needs ${language})`;
    test.skipIf(isMissing).concurrent(name, { timeout: 300_000 }, async () => {
      const told = await runMistake(mistake, programs);
      if (notFindable === undefined) expect(told).toContain(found);
      else expect(told).toEqual([]);
    });
  }
});
