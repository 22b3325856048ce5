// Writes the JSON Schemas of run.json, conformance.json and profile.json from their TypeScript types; with --check it only compares.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import ts from "typescript";
import {
  AnnotatedType,
  createFormatter,
  createParser,
  createProgram,
  EnumType,
  SchemaGenerator,
  StringType,
} from "ts-json-schema-generator";

const root = fileURLToPath(new URL("..", import.meta.url));
const documents = [
  {
    type: "RunReport",
    source: "report/run-report.ts",
    file: "run-report.schema.json",
    title: "Report of a run of inference-testkit (run.json), schemaVersion 1",
  },
  {
    type: "ConformanceReport",
    source: "conformance/report/conformance-report.ts",
    file: "conformance-report.schema.json",
    title: "Report of inference-testkit check (conformance.json), schemaVersion 1",
  },
  {
    type: "ConformanceProfile",
    source: "conformance/conformance-profile.ts",
    file: "conformance-profile.schema.json",
    title: "What a server declares about itself for inference-testkit check (profile.json)",
    isClosed: true,
  },
];
/** A report of another release may have metrics and units that are not in these types: in the schema these are examples. */
const OPEN_TYPES = ["LatencyMetric", "RunMetric", "MetricKey", "MetricUnit"];
for (const document of documents) await writeSchema(document);

async function writeSchema({ type, source, file, title, isClosed = false }) {
  const target = `${root}packages/testkit/schema/${file}`;
  const config = {
    path: `${root}packages/testkit/src/${source}`,
    tsconfig: `${root}packages/testkit/tsconfig.json`,
    type,
    additionalProperties: !isClosed, // new fields of a report may come without a new version; a name in a declaration may be misspelled
    jsDoc: isClosed ? "extended" : "none", // a person writes a declaration: an editor shows what each member means
    skipTypeCheck: true,
  };
  const program = createProgram(config);
  const parser = createParser(program, config, (chain) =>
    chain.addNodeParser(createWordParser(program.getTypeChecker())),
  );
  const schema = new SchemaGenerator(program, parser, createFormatter(config), config).createSchema(type);
  const document = { $schema: schema.$schema, title, ...schema };
  const text = await format(JSON.stringify(document), { parser: "json", printWidth: 120 });
  if (!process.argv.includes("--check")) {
    mkdirSync(new URL("../packages/testkit/schema/", import.meta.url), { recursive: true });
    writeFileSync(target, text);
  } else if (readFileSync(target, "utf8") !== text) {
    console.error(`packages/testkit/schema/${file} is not what the types say: run \`npm run schema\``);
    process.exitCode = 1;
  }
}

/**
 * A type that the compiler resolves to a few strings, such as `JobOutcome["status"]` or the keys of the registry of metrics. The generator then
 * need not read the types of the whole protocol, or the code of the registry, which it cannot.
 */
function createWordParser(checker) {
  const wordsOf = (node) => {
    const type = checker.getTypeAtLocation(node);
    const parts = type.isUnion() ? type.types : [type];
    return parts.every((part) => part.isStringLiteral()) ? parts.map((part) => part.value) : undefined;
  };
  const isIndexed = (node) => "objectType" in node && "indexType" in node;
  const isName = (node) => ts.isTypeReferenceNode(node) && node.typeArguments === undefined;
  return {
    supportsNode: (node) => (isIndexed(node) || isName(node)) && wordsOf(node) !== undefined,
    createType: (node) => {
      if (isName(node) && OPEN_TYPES.includes(node.typeName.getText()))
        return new AnnotatedType(new StringType(), { examples: wordsOf(node) }, false);
      return new EnumType(`words-${wordsOf(node).join("-")}`, wordsOf(node));
    },
  };
}
