import { WorkerError } from "inference-worker-protocol";

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that a grammar can express, or that do not constrain a value. */
const KEYWORDS = new Set(
  [
    ["type", "enum", "const", "oneOf", "anyOf", "$ref", "$defs", "properties", "required", "additionalProperties"],
    [
      "minProperties",
      "maxProperties",
      "items",
      "prefixItems",
      "minItems",
      "maxItems",
      "minLength",
      "maxLength",
      "format",
    ],
    ["minimum", "maximum", "title", "description", "default", "examples", "$schema", "$id", "$comment"],
  ].flat(),
);
const FORMATS = ["date-time", "time", "date"];
const COUNTS = ["minProperties", "maxProperties", "minItems", "maxItems", "minLength", "maxLength"];
/** A repetition is written out in the grammar. */
const MOST_REPETITIONS = 1_000;
const MOST_LEVELS = 32;
const MOST_CHARACTERS = 64 * 1024;

/**
 * Turns a JSON Schema into one that can be compiled to a grammar. What a grammar cannot express is rejected: otherwise the output would
 * silently violate the schema.
 *
 * @throws {WorkerError} INVALID_REQUEST naming the keyword.
 */
export function toGrammarSchema(schema: Schema): Schema {
  if (JSON.stringify(schema).length > MOST_CHARACTERS) throw refuse(`has more than ${MOST_CHARACTERS} characters`);
  return convert(schema, "schema", 0);
}

function convert(schema: unknown, path: string, level: number): Schema {
  if (!isSchema(schema)) throw refuse(`has no object at \`${path}\``);
  if (level > MOST_LEVELS) throw refuse(`has more than ${MOST_LEVELS} levels`);
  for (const [keyword, value] of Object.entries(schema)) checkKeyword(keyword, value, path);
  const inside = (value: unknown, key: string) => convert(value, `${path}.${key}`, level + 1);
  const {
    anyOf,
    oneOf = anyOf,
    items,
    prefixItems,
    properties,
    $defs,
    additionalProperties: more,
    minimum: _,
    maximum: __,
    ...rest
  } = schema;
  return {
    ...rest,
    ...(properties === undefined ? {} : { properties: mapValues(properties, inside) }),
    ...($defs === undefined ? {} : { $defs: mapValues($defs, inside) }),
    ...(items === undefined ? {} : { items: inside(items, "items") }),
    ...(prefixItems === undefined ? {} : { prefixItems: mapList(prefixItems, inside) }),
    ...(oneOf === undefined ? {} : { oneOf: mapList(oneOf, inside) }),
    ...(more === undefined
      ? {}
      : { additionalProperties: typeof more === "boolean" ? more : inside(more, "additionalProperties") }),
  };
}

function checkKeyword(keyword: string, value: unknown, path: string): void {
  const at = `\`${keyword}\` at \`${path}\``;
  if (!KEYWORDS.has(keyword)) throw refuse(`uses ${at}, which a grammar cannot express`);
  if (keyword === "format" && !FORMATS.includes(value as string))
    throw refuse(`uses ${at} with another format than ${FORMATS.join(", ")}`);
  const bound = keyword === "minimum" ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
  const isBound = keyword === "minimum" || keyword === "maximum";
  if (isBound && value !== bound) throw refuse(`uses ${at}, which a grammar cannot express`);
  if (COUNTS.includes(keyword) && !((value as number) <= MOST_REPETITIONS))
    throw refuse(`uses ${at} above ${MOST_REPETITIONS}`);
}

type Inside = (value: unknown, key: string) => Schema;

function mapValues(values: unknown, inside: Inside): Schema {
  if (!isSchema(values)) throw refuse("has `properties` or `$defs` that are not an object");
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, inside(value, key)]));
}

function mapList(values: unknown, inside: Inside): Schema[] {
  if (!Array.isArray(values)) throw refuse("has `oneOf`, `anyOf` or `prefixItems` that is not an array");
  return values.map((value, index) => inside(value, String(index)));
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(problem: string): WorkerError {
  return new WorkerError("INVALID_REQUEST", `the JSON Schema of the output ${problem}`, {
    details: { param: "format" },
  });
}
