import { describe, expect, test } from "vitest";
import { AREAS } from "./mistakes/catalogue/index.mjs";
import { runMistake } from "./mistakes/run-mistake.js";

describe.each(AREAS)("$title:", ({ mistakes }) => {
  for (const mistake of mistakes) {
    const { id, wrong, user, found, notFindable } = mistake;
    if (mistake.language !== undefined) continue;
    test.concurrent(`${id}: ${wrong}; a test that ${user} gets ${found ?? "nothing"}`, async () => {
      const told = await runMistake(mistake);
      if (notFindable === undefined) expect(told).toContain(found);
      else expect(told).toEqual([]);
    });
  }
});
