import { describe, expect, test } from "vitest";
import { toGrammarSchema } from "../../../src/engine/llama/output-schema.js";

type Schema = Readonly<Record<string, unknown>>;

test("anyOf becomes oneOf, safe bounds are left out, and the rest stays", () => {
  const bounds = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
  const schema: Schema = {
    type: "object",
    properties: { a: { anyOf: [{ type: "integer", ...bounds }, { type: "null" }] }, b: { $ref: "#/$defs/x" } },
    required: ["a"],
    additionalProperties: false,
    $defs: { x: { type: "array", items: { type: "string", maxLength: 5 }, maxItems: 3 } },
  };
  expect(toGrammarSchema(schema)).toEqual({
    ...schema,
    properties: { a: { oneOf: [{ type: "integer" }, { type: "null" }] }, b: { $ref: "#/$defs/x" } },
  });
});

describe("what a grammar cannot express is rejected by name", () => {
  const inside = (schema: Schema): Schema => ({ type: "object", properties: { a: schema } });

  test.each<[Schema, RegExp]>([
    [inside({ type: "string", pattern: "a+" }), /uses `pattern` at `schema\.a`/],
    [inside({ type: "number", minimum: 3 }), /uses `minimum` at `schema\.a`/],
    [inside({ not: { type: "null" } }), /uses `not` at `schema\.a`/],
    [{ allOf: [{}] }, /uses `allOf` at `schema`/],
    [
      inside({ type: "string", format: "email" }),
      /uses `format` at `schema\.a` with another format than date-time, time, date/,
    ],
    [inside({ type: "string", maxLength: 1_001 }), /uses `maxLength` at `schema\.a` above 1000/],
    [inside({ type: "array", minItems: 1e9 }), /uses `minItems` at `schema\.a` above 1000/],
    [inside({ type: "array", minItems: "5 million" }), /uses `minItems` at `schema\.a`/],
    [{ properties: [] }, /has `properties` or `\$defs` that are not an object/],
    [{ oneOf: {} }, /has `oneOf`, `anyOf` or `prefixItems` that is not an array/],
    [{ items: true }, /has no object at `schema\.items`/],
    [{ title: "x".repeat(70_000) }, /has more than 65536 characters/],
  ])("%j", (schema, problem) => {
    expect(() => toGrammarSchema(schema)).toThrow(problem);
  });

  test("a schema of thousands of levels", () => {
    let schema: Schema = { type: "null" };
    for (let level = 0; level < 2_000; level++) schema = { items: schema };
    expect(() => toGrammarSchema(schema)).toThrow(/has more than 32 levels/);
  });
});
