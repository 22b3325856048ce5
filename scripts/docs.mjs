// Keeps the documents true: inserts snippets of files that run, the output of `--help`, and the error catalogues; checks
// relative links. `--check` changes nothing and fails on a difference.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const check = process.argv.includes("--check");
const problems = [];
const LANGUAGES = { python: "Python", go: "Go" };

const { TESTKIT_ERRORS } = await import("../packages/testkit/dist/errors/index.js");
const { FINDINGS } = await import("../packages/testkit/dist/findings/index.js");
const { WORKER_ERRORS } = await import("inference-worker-protocol");
const { FAULTS } = await import("worker-orcd-control");
const { METRICS } = await import("inference-testkit/load");
const { AREAS } = await import("../packages/testkit/dist/conformance/areas.js");
const { CATALOGUE } = await import("../packages/testkit/dist/conformance/catalogue.js");
const { ASSERTIONS, METHOD_GROUPS, METHODS } = await import("../packages/testkit/dist/serve/methods/index.js");
const { RPC_ERRORS } = await import("../packages/testkit/dist/serve/rpc/rpc-error.js");
const { AREAS: MISTAKES } = await import("../tests/mistakes/catalogue/index.mjs");
const { CAPABILITIES } = await import("../packages/testkit/dist/conformance/capabilities.js");

for (const file of markdownFiles(root)) {
  const before = readFileSync(file, "utf8");
  const after = before.replace(/<!-- (snippet|output|table): (.+?) -->\n[\s\S]*?<!-- end -->/g, (_, kind, argument) => {
    const body = { snippet, output, table }[kind](argument, file);
    return `<!-- ${kind}: ${argument} -->\n\n${body}\n\n<!-- end -->`;
  });
  checkLinks(file, after);
  if (after === before) continue;
  if (check) problems.push(`${relative(root, file)} is out of date: run \`npm run docs\``);
  else writeFileSync(file, after);
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? "docs: up to date" : `docs: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** `path#region`: the lines between `#region name` and `#endregion`, without their common indentation. */
function snippet(argument, file) {
  const [path, region] = argument.split("#");
  const lines = readFileSync(join(root, path), "utf8").trimEnd().split("\n");
  const start = region === undefined ? 0 : lines.findIndex((line) => line.trim().endsWith(`#region ${region}`)) + 1;
  const end =
    region === undefined ? lines.length : lines.findIndex((line, at) => at >= start && line.includes("#endregion"));
  if (end === -1 || (region !== undefined && start === 0)) {
    problems.push(`${relative(root, file)}: no region \`${region}\` in ${path}`);
    return "";
  }
  const kept = lines.slice(start, end).filter((line) => !/#(end)?region/.test(line));
  const indent = Math.min(...kept.filter((line) => line.trim() !== "").map((line) => line.search(/\S/)));
  const language = {
    ".ts": "ts",
    ".js": "js",
    ".mjs": "js",
    ".yml": "yaml",
    ".json": "json",
    ".sh": "sh",
    ".py": "python",
    ".go": "go",
  };
  return `\`\`\`${language[/\.\w+$/.exec(path)[0]] ?? ""}\n${kept
    .map((line) => line.slice(indent))
    .join("\n")
    .trimEnd()}\n\`\`\``;
}

/** What a command of this repository prints. */
function output(command) {
  const [program, ...args] = command.split(" ");
  const text = execFileSync(program === "node" ? process.execPath : program, args, { cwd: root, encoding: "utf8" });
  return `\`\`\`\n$ ${command.replace(/node packages\/(worker|testkit)\/bin\/([\w-]+)\.js/, "npx $2")}\n${text.trimEnd()}\n\`\`\``;
}

/** The beginning of a call as a whole one: `kill("SIGKILL"` or `pause(`. */
function showCall(start) {
  return `${start})`;
}

/** A catalogue as a Markdown table. */
function table(name) {
  const rows = {
    "testkit-errors": () => [
      ["code", "what it means", "what to do"],
      ...Object.entries(TESTKIT_ERRORS).map(([code, { title, hint }]) => [`\`${code}\``, title, hint]),
    ],
    "load-metrics": () => [
      ["key", "what", "unit", "better", "definition"],
      ...Object.entries(METRICS).map(([key, { title, unit, better, definition }]) => [
        `\`${key}\``,
        title,
        unit,
        better,
        definition,
      ]),
    ],
    "load-metric-uses": () => [
      ["key", "reported as", "in `limits`", "in `slo`", "compared"],
      ...Object.entries(METRICS).map(([key, metric]) => [`\`${key}\``, ...describeUses(key, metric)]),
    ],
    findings: () => [
      ["code", "what was seen", "level", "meaning", "explained by"],
      ...Object.entries(FINDINGS).map(([code, { title, level, meaning, faults, calls }]) => [
        `\`${code}\``,
        title,
        level,
        meaning,
        [...faults, ...calls.map(showCall)].map((cause) => `\`${cause}\``).join(", "),
      ]),
    ],
    ...Object.fromEntries(MISTAKES.map(({ title, mistakes }) => [`mistakes ${title}`, () => mistakeRows(mistakes)])),
    "worker-errors": () => [
      ["code", "status", "retriable", "what to do"],
      ...Object.entries(WORKER_ERRORS).map(([code, { status, retriable, hint }]) => [
        `\`${code}\``,
        String(status),
        retriable ? "yes" : "no",
        hint,
      ]),
    ],
    "serve-errors": () => [
      ["number", "`data.code`", "what it means", "what to do"],
      ...Object.entries(RPC_ERRORS).map(([code, { number, meaning, hint }]) => [number, `\`${code}\``, meaning, hint]),
    ],
    "serve-assertions": () => methodRows(ASSERTIONS, "assertion"),
    "serve-options": () => [
      ["method", "`options`"],
      ...Object.entries(METHODS)
        .filter(([, { params }]) => params.options?.names !== undefined)
        .map(([name, { params }]) => [`\`${name}\``, params.options.names.map((option) => `\`${option}\``).join(", ")]),
    ],
    ...Object.fromEntries(
      Object.keys(METHOD_GROUPS).map((group) => [`serve ${group}`, () => methodRows(METHOD_GROUPS[group])]),
    ),
    "conformance-capabilities": () => [
      ["capability", "what it is"],
      ...Object.entries(CAPABILITIES).map(([name, { meaning }]) => [`\`${name}\``, meaning]),
    ],
    ...Object.fromEntries(Object.keys(AREAS).map((area) => [`conformance ${area}`, () => checkRows(area)])),
    ...Object.fromEntries(faultGroups().map((group) => [`faults ${group}`, () => faultRows(group)])),
  }[name]();
  const [head, ...body] = rows.map((cells) => `| ${cells.join(" | ")} |`);
  return [head, `|${" --- |".repeat(rows[0].length)}`, ...body].join("\n");
}

function methodRows(methods, head = "method") {
  return [
    [head, "what it does", "params", "result"],
    ...Object.entries(methods).map(([name, { summary, params, result }]) => [
      `\`${name}\``,
      summary,
      Object.entries(params).map(describeMethodParam).join("; "),
      result,
    ]),
  ];
}

function describeMethodParam([name, param]) {
  const standard = param.fallback === undefined || typeof param.fallback === "object" ? "" : ` (${param.fallback})`;
  return `\`${name}\`${param.isRequired ? "" : "?"} ${param.help}${standard}`;
}

/** What a test gets for each mistake. */
function mistakeRows(mistakes) {
  return [
    ["mistake", "a test that", "gets"],
    ...mistakes.map(({ wrong, user, found, notFindable, language }) => [
      language === undefined ? wrong : `${wrong} (${LANGUAGES[language]})`,
      user,
      found === undefined ? `nothing. ${notFindable}` : `\`${found}\``,
    ]),
  ];
}

/** How a metric is aggregated, limited and compared. */
function describeUses(key, { kind, better, isLimitable, isSlo, compared, fromSchedule }) {
  const reported = {
    request: "distribution over requests",
    pooled: "distribution over all pairs of events",
    run: "one figure per run",
  }[kind];
  const bound = better === "lower" ? "at most" : "at least";
  const limit = isLimitable === true ? (kind === "run" ? bound : `${bound}, for each statistic`) : "";
  const other = fromSchedule === undefined ? "" : `; open loop: \`${fromSchedule}\``;
  const statistics = (compared ?? []).map((statistic) => (statistic === "value" ? "the figure" : statistic));
  return [`${reported}${other}`, limit, isSlo === true ? `\`${key}Ms\`` : "", statistics.join(", ")];
}

function checkRows(area) {
  const checks = CATALOGUE.filter((check) => check.area === area);
  return [
    ["id", "what holds", "why", "source", "level", "needs"],
    ...checks.map(({ id, title, why, source, level, needs }) => [
      `\`${id}\``,
      title,
      why,
      source,
      level,
      needs.map((need) => `\`${need}\``).join(", "),
    ]),
  ];
}

function faultGroups() {
  return [...new Set(Object.values(FAULTS).map(({ group }) => group))];
}

function faultRows(group) {
  const faults = Object.entries(FAULTS).filter(([, fault]) => fault.group === group);
  return [
    ["id", "what happens", "what is reported", "parameters", "`at`"],
    ...faults.map(([id, { meaning, reports, params, at, defaultAt, startOnly }]) => [
      `\`${id}\``,
      startOnly ? `${meaning} Given at the start.` : meaning,
      reports,
      Object.entries(params).map(describeParam).join(", "),
      at.length === 0 ? "" : `${at.map(describePoint).join(", ")}; default ${describeDefault(defaultAt)}`,
    ]),
  ];
}

function describeParam([name, schema]) {
  const { default: standard } = schema;
  const isShown = standard !== undefined && /^[\x20-\x7e]{1,30}$/.test(String(standard));
  return `\`${name}\`${isShown ? ` (${standard})` : ""}`;
}

function describePoint(point) {
  return { headers: "headers", tokens: "tokens", bytes: "bytes", ms: "ms" }[point];
}

function describeDefault(at) {
  if (typeof at === "string") return `\`${at}\``;
  const [[name, count]] = Object.entries(at);
  return `\`${name}: ${count}\``;
}

function checkLinks(file, text) {
  for (const [, target] of text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)) {
    if (!existsSync(resolve(dirname(file), target))) problems.push(`${relative(root, file)}: broken link to ${target}`);
  }
}

function markdownFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (["node_modules", "dist", ".git", ".cache"].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}
