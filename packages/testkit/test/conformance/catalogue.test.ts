import { expect, test } from "vitest";
import { AREAS } from "../../src/conformance/areas.js";
import { CAPABILITIES } from "../../src/conformance/capabilities.js";
import { CATALOGUE } from "../../src/conformance/catalogue.js";

test("ids are unique and have the form area.kebab-case", () => {
  expect(new Set(CATALOGUE.map(({ id }) => id)).size).toBe(CATALOGUE.length);
  for (const { id, area } of CATALOGUE) {
    expect(id).toMatch(/^[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)$/);
    expect(Object.keys(AREAS)).toContain(area);
  }
});

test.each(CATALOGUE.map((check) => [check.id, check] as const))(
  "%s says what holds, why, and where it comes from",
  (_, check) => {
    expect(check.title).toMatch(/^\S.*[^.]$/);
    expect(check.why).toMatch(/^[A-Z].*\.$/);
    expect(check.source).toMatch(/\S/);
    expect(check.budgetMs).toBeGreaterThan(0);
    for (const need of check.needs) expect(Object.keys(CAPABILITIES)).toContain(need);
  },
);
