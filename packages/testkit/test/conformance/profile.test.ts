import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { readProfile } from "../../src/conformance/profile.js";

const read = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8"));
const validate = new Ajv({ allowUnionTypes: true }).compile(
  read("packages/testkit/schema/conformance-profile.schema.json") as object,
);

const VALID: readonly object[] = [
  {},
  { $schema: "conformance-profile.schema.json" },
  { slots: 1, maxQueue: 0 },
  { slots: 10_000, maxQueue: Number.MAX_SAFE_INTEGER },
  { determinism: [] },
  { determinism: ["repeat", "restart", "slot", "load"] },
  { cancel: "endpoint" },
  { cancel: "disconnect" },
  { limits: {} },
  { limits: { contextTokens: 1, maxTokens: Number.MAX_SAFE_INTEGER } },
  { deviations: {} },
  { deviations: { "stop.a": { reason: "x" }, "stop.b": { reason: "x", link: "https://example.com" } } },
];

/** With what the message has to name: the place, and what was meant. */
const INVALID: readonly (readonly [unknown, RegExp])[] = [
  [[], /`--declare` to be a JSON object/],
  ["slots", /`--declare` to be a JSON object/],
  [{ slot: 4 }, /got `slot`; did you mean `slots`/],
  [{ max_queue: 4 }, /got `max_queue`; did you mean `maxQueue`/],
  [{ limits: { maxToken: 4 } }, /`--declare.limits` .* got `maxToken`; did you mean `maxTokens`/],
  [{ deviations: { "stop.a": { reson: "x" } } }, /`--declare.deviations.stop.a` .* got `reson`; did you mean `reason`/],
  [{ slots: 0 }, /`--declare.slots`/],
  [{ slots: 10_001 }, /`--declare.slots`/],
  [{ slots: 1.5 }, /`--declare.slots`/],
  [{ slots: "4" }, /`--declare.slots`/],
  [{ maxQueue: -1 }, /`--declare.maxQueue`/],
  [{ determinism: ["repet"] }, /`--declare.determinism\[0\]`/],
  [{ determinism: "repeat" }, /`--declare.determinism`/],
  [{ cancel: "post" }, /`--declare.cancel`/],
  [{ limits: { contextTokens: 0 } }, /`--declare.limits.contextTokens`/],
  [{ limits: [] }, /`--declare.limits`/],
  [{ deviations: [] }, /`--declare.deviations`/],
  [{ deviations: { "stop.a": {} } }, /`--declare.deviations.stop.a.reason`/],
  [{ deviations: { "stop.a": { reason: "" } } }, /`--declare.deviations.stop.a.reason`/],
  [{ deviations: { "stop.a": { reason: "x", link: "" } } }, /`--declare.deviations.stop.a.link`/],
  [{ $schema: 3 }, /`--declare.\$schema`/],
];

test.each(VALID.map((profile) => [JSON.stringify(profile), profile] as const))(
  "%s is a declaration, by the reader and by the published schema",
  (_, profile) => {
    expect(readProfile("--declare", profile)).toMatchObject(profile);
    expect(validate(profile), JSON.stringify(validate.errors)).toBe(true);
  },
);

test.each(INVALID.map(([profile, message]) => [JSON.stringify(profile), profile, message] as const))(
  "%s is refused by both, and the reader names the place",
  (_, profile, message) => {
    expect(() => readProfile("--declare", profile)).toThrow(message);
    expect(validate(profile)).toBe(false);
  },
);

test("every member has a description in the schema, for editors", () => {
  const { properties } = read("packages/testkit/schema/conformance-profile.schema.json") as {
    properties: Record<string, { description?: string }>;
  };
  expect(Object.keys(readProfile("profile", {}))).toEqual(Object.keys(properties));
  for (const [name, { description }] of Object.entries(properties)) expect(description, name).toMatch(/^[A-Z].*\.$/);
});

test("the declaration of the guide is valid", () => {
  const profile = read("examples/conformance-action/profile.json");
  expect(validate(profile), JSON.stringify(validate.errors)).toBe(true);
  expect(() => readProfile("--declare", profile)).not.toThrow();
});
