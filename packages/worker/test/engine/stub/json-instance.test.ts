import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { instanceOf } from "../../../src/engine/stub/json-instance.js";

type Schema = Readonly<Record<string, unknown>>;

const SCHEMAS: readonly Schema[] = [
  {
    type: "object",
    properties: { a: { type: "string", minLength: 9 }, b: { type: "integer", minimum: 3 } },
    required: ["a", "b"],
  },
  { type: "object", properties: { a: { enum: ["x", 1, null] }, b: { const: { c: 1 } } }, additionalProperties: false },
  { type: "array", items: { type: "boolean" }, minItems: 3, maxItems: 4 },
  { type: ["string", "null"], maxLength: 2 },
  { anyOf: [{ type: "number", exclusiveMinimum: 5 }, { type: "null" }] },
  { oneOf: [{ $ref: "#/$defs/a~1b" }], $defs: { "a/b": { type: "integer", multipleOf: 7, minimum: 1 } } },
  {
    allOf: [
      { type: "object", properties: { a: { type: "number" } }, required: ["a"] },
      { properties: { b: { type: "null" } }, required: ["b"] },
    ],
  },
  { type: "number", maximum: -3 },
];

test.each(SCHEMAS)("%j gets a value that fits it", (schema) => {
  const fits = new Ajv2020({ strict: false }).compile(schema);
  for (const pick of [0, 1, 2]) {
    const value = instanceOf(schema, (count) => pick % count);
    expect([value, fits(value)]).toEqual([value, true]);
  }
});

test("a recursive schema terminates", () => {
  const node: Schema = {
    type: "object",
    properties: { next: { $ref: "#" }, all: { type: "array", items: { $ref: "#" } } },
  };
  expect(JSON.stringify(instanceOf(node)).length).toBeLessThan(100_000);
  const wide = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`p${index}`, { $ref: "#" }]));
  expect(JSON.stringify(instanceOf({ type: "object", properties: wide })).length).toBeLessThan(100_000);
  expect(instanceOf({ $ref: "#" })).toBeNull();
});

test("no schema makes it fail", () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom("type", "enum", "items", "properties", "$ref", "anyOf", "minItems", "minLength"),
        fc.jsonValue(),
      ),
      (schema) => {
        expect(() => JSON.stringify(instanceOf(schema))).not.toThrow();
      },
    ),
  );
});
