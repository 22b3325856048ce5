// Checks the names that `inference-testkit` exports and prints them by entry point. It fails if there are too many, if one is neither
// taught in a guide, README or example nor part of the signature of one that is, and if an error class cannot be imported.
// The rule is in docs/decisions/0018-public-names.md. Reads the built declarations: run `npm run build` before.
// Usage: node scripts/public-names.mjs [--root <folder>] [--max <names>]
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import ts from "typescript";

const { values: flags } = parseArgs({
  options: {
    root: { type: "string", default: fileURLToPath(new URL("..", import.meta.url)) },
    max: { type: "string", default: "160" },
  },
});
const root = resolve(flags.root);
const library = join(root, "packages/testkit");
const entries = readEntries();
const program = ts.createProgram([...entries.values(), ...filesBelow(join(library, "dist"), [".d.ts"])], {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  skipLibCheck: true,
  types: [],
  lib: ["lib.es2022.d.ts"],
});
const checker = program.getTypeChecker();

/** Name to symbol, by entry point. */
const exported = new Map([...entries].map(([entry, file]) => [entry, exportsOf(file)]));
const names = new Map([...exported.values()].flatMap((symbols) => [...symbols]));
const errors = findErrorClasses();
const taught = readTaughtWords();
const problems = [...checkCount(), ...checkErrors(), ...checkTaught()];

for (const [entry, symbols] of exported) console.log(`${entry} (${symbols.size})\n  ${[...symbols.keys()].join(" ")}`);
console.log(`${names.size} public names, at most ${flags.max}`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function checkCount() {
  const max = Number(flags.max);
  if (!Number.isSafeInteger(max)) return [`--max: expected a whole number, got \`${flags.max}\``];
  return names.size <= max ? [] : [`${names.size} public names, at most ${max}: drop what a signature already says`];
}

function checkTaught() {
  const known = [...names]
    .filter(([name, symbol]) => taught.has(name) || errors.has(symbol))
    .map(([, symbol]) => symbol);
  const reached = reach(known);
  return [...names]
    .filter(([name, symbol]) => !taught.has(name) && !errors.has(symbol) && !(isType(symbol) && reached.has(symbol)))
    .map(([name]) => `\`${name}\`: not in a guide, README or example, and not a type that one of those names uses`);
}

function checkErrors() {
  if (!names.has("TestkitError")) return ["`TestkitError`: no entry point exports it, so no error can be recognised"];
  const known = new Set(names.values());
  return [...errors]
    .filter((symbol) => !known.has(symbol))
    .map((symbol) => `\`${symbol.name}\`: an error class that no entry point exports (${placeOf(symbol)})`);
}

function readEntries() {
  const { exports } = JSON.parse(readFileSync(join(library, "package.json"), "utf8"));
  const typed = Object.entries(exports).filter(([, target]) => target.types !== undefined);
  const files = new Map(typed.map(([entry, target]) => [entry, join(library, target.types)]));
  for (const file of files.values()) {
    if (existsSync(file)) continue;
    console.error(`${relative(root, file)} is missing: run \`npm run build\``);
    process.exit(1);
  }
  return files;
}

function exportsOf(file) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file));
  const all = module === undefined ? [] : checker.getExportsOfModule(module);
  const symbols = all.filter((symbol) => symbol.name !== "default"); // a configuration names the entry point, no one writes this name
  return new Map(symbols.map((symbol) => [symbol.name, resolveAlias(symbol)]).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The library's classes that are a `TestkitError`: each of them can arrive in a `catch`. */
function findErrorClasses() {
  const base = names.get("TestkitError");
  if (base === undefined) return new Set();
  const found = new Set();
  for (const file of program.getSourceFiles().filter((source) => isOwn(source.fileName))) {
    ts.forEachChild(file, (node) => {
      if (!ts.isClassDeclaration(node) || node.name === undefined) return;
      const symbol = checker.getSymbolAtLocation(node.name);
      if (looksLike(checker.getDeclaredTypeOfSymbol(symbol), checker.getDeclaredTypeOfSymbol(base))) found.add(symbol);
    });
  }
  return found;
}

/** By its members: a class that extends the result of a function has no named base class in its declaration. */
function looksLike(type, base) {
  return checker.getPropertiesOfType(base).every(({ name }) => checker.getPropertyOfType(type, name) !== undefined);
}

/** Every declaration that the declarations of `symbols` mention, and what those mention. */
function reach(symbols) {
  const reached = new Set(symbols);
  for (const symbol of reached) {
    for (const declaration of symbol.declarations ?? []) {
      if (isRelevant(declaration.getSourceFile().fileName)) visit(declaration);
    }
  }
  return reached;

  function visit(node) {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol !== undefined) reached.add(resolveAlias(symbol));
    }
    ts.forEachChild(node, visit);
  }
}

/** Words of code and prose in everything that teaches. */
function readTaughtWords() {
  const guides = [join(root, "README.md"), ...filesIn(join(root, "docs"), ".md")];
  const examples = filesBelow(join(root, "examples"), [".ts", ".mjs"]);
  return new Set([...guides, ...examples].flatMap((file) => readFileSync(file, "utf8").match(/[\w$]+/g) ?? []));
}

function isType(symbol) {
  return (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Class)) !== 0;
}

function resolveAlias(symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function isOwn(fileName) {
  return resolve(fileName).startsWith(join(library, "dist") + sep);
}

/** Node's and TypeScript's own declarations lead everywhere. */
function isRelevant(fileName) {
  return resolve(fileName).startsWith(join(root, "packages") + sep);
}

function placeOf(symbol) {
  return relative(root, symbol.declarations[0].getSourceFile().fileName);
}

function filesIn(folder, extension) {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { withFileTypes: true });
  return found.filter((file) => file.isFile() && file.name.endsWith(extension)).map((file) => join(folder, file.name));
}

function filesBelow(folder, extensions) {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { withFileTypes: true, recursive: true });
  return found
    .filter((file) => file.isFile() && extensions.some((extension) => file.name.endsWith(extension)))
    .map((file) => join(file.parentPath, file.name));
}
