/** Which way the arrows point; see ARCHITECTURE.md. */
const TESTKIT_LAYERS = [
  ["terminal", "numbers", "json"],
  ["errors", "system"],
  ["options", "deadline"],
  ["findings"],
  ["dialects"],
  ["events"],
  ["launch", "client"],
  ["jobs", "models", "requests", "faults", "evidence"],
  ["harness"],
  ["fault-proxy", "recovery", "memory", "load", "servers", "golden"],
  ["report", "pool"],
  ["matchers", "conformance", "fixtures", "serve", "viewer"],
  ["vitest", "jest", "node-test", "playwright", "cli"],
];

const layerRules = TESTKIT_LAYERS.map((layer, index) => {
  const higher = TESTKIT_LAYERS.slice(index).flat();
  return layer.map((folder) => ({
    name: `testkit-${folder}-imports-only-lower-folders`,
    severity: "error",
    from: { path: `^packages/testkit/src/${folder}/` },
    to: {
      path: `^packages/testkit/src/(${higher.filter((name) => name !== folder).join("|")}|index\\.ts)(/|$)`,
    },
  }));
}).flat();

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "protocol-imports-nobody",
      severity: "error",
      from: { path: "^packages/protocol/" },
      to: { path: "^packages/(control|worker|testkit)/" },
    },
    {
      name: "control-imports-only-the-protocol",
      severity: "error",
      from: { path: "^packages/control/" },
      to: { path: "^packages/(worker|testkit)/" },
    },
    {
      name: "testkit-never-imports-worker",
      severity: "error",
      from: { path: "^packages/testkit/" },
      to: { path: "^packages/worker/" },
    },
    {
      name: "worker-never-imports-testkit",
      severity: "error",
      from: { path: "^packages/worker/" },
      to: { path: "^packages/testkit/" },
    },
    {
      name: "nobody-imports-the-page",
      comment: "The testkit reads what the build has made of it.",
      severity: "error",
      from: { path: "^packages/(protocol|control|testkit|worker)/" },
      to: { path: "^packages/report-page/" },
    },
    {
      name: "the-page-imports-the-testkit-in-one-file",
      severity: "error",
      from: { path: "^packages/report-page/src/", pathNot: "^packages/report-page/src/testkit\\.ts$" },
      to: { path: "^packages/(protocol|control|testkit|worker)/" },
    },
    {
      name: "ffi-only-in-the-llama-engine",
      severity: "error",
      from: { path: "^packages/worker/src/", pathNot: "^packages/worker/src/engine/llama/" },
      to: { path: "node-llama-cpp" },
    },
    {
      name: "engines-know-no-http",
      severity: "error",
      from: { path: "^packages/worker/src/(engine|text)/" },
      to: { path: "^packages/worker/src/(http|jobs|cli|faults|control)/" },
    },
    {
      name: "dialects-know-no-http",
      comment: "A dialect is data and functions: the HTTP layer and the jobs call it.",
      severity: "error",
      from: { path: "^packages/worker/src/dialects/" },
      to: { path: "^packages/worker/src/(http|cli|faults|control|engine/stub|engine/llama)/" },
    },
    {
      name: "jobs-and-engines-know-no-dialect",
      severity: "error",
      from: { path: "^packages/worker/src/(engine|text|jobs|faults|telemetry)/" },
      to: { path: "^packages/worker/src/dialects/" },
    },
    {
      name: "http-knows-no-concrete-engine",
      severity: "error",
      from: { path: "^packages/worker/src/(http|jobs)/" },
      to: { path: "^packages/worker/src/engine/[^/]+/" },
    },
    {
      name: "the-plain-path-knows-no-faults",
      severity: "error",
      from: { path: "^packages/worker/src/(http|jobs|telemetry|text)/" },
      to: { path: "^packages/worker/src/(faults|control|cli)/" },
    },
    {
      name: "faults-know-no-listener",
      severity: "error",
      from: { path: "^packages/worker/src/faults/" },
      to: { path: "^packages/worker/src/(control|cli|engine/llama)/" },
    },
    {
      name: "faults-reach-http-by-its-types-only",
      severity: "error",
      from: { path: "^packages/worker/src/faults/" },
      to: { path: "^packages/worker/src/http/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "only-the-index-imports-a-dialect",
      comment: "Everything else receives a `Dialect`; `orcd` is the default of the options that take one.",
      severity: "error",
      from: { path: "^packages/testkit/src/", pathNot: "^packages/testkit/src/dialects/" },
      to: { path: "^packages/testkit/src/dialects/(?!index\\.ts)" },
    },
    {
      name: "a-dialect-imports-no-other",
      comment: "One file each, on the helpers in `shared`, which know none of them.",
      severity: "error",
      from: {
        path: "^packages/testkit/src/dialects/",
        pathNot: "^packages/testkit/src/dialects/(index|dialect-option|recognize)\\.ts$",
      },
      to: { path: "^packages/testkit/src/dialects/(?!(dialect|events)\\.ts|shared/)" },
    },
    {
      name: "runners-only-in-their-folders",
      severity: "error",
      from: { path: "^packages/testkit/src/", pathNot: "^packages/testkit/src/(vitest|jest|playwright)/" },
      to: { path: "(^|/)node_modules/(vitest|@vitest|@jest|@playwright)/" },
    },
    {
      name: "fault-proxy-is-an-entry-point-of-its-own",
      comment: "It loads node:http, which takes 20 ms.",
      severity: "error",
      from: { path: "^packages/testkit/src/", pathNot: "^packages/testkit/src/(fault-proxy/|faults-entry\\.ts)" },
      to: { path: "^packages/testkit/src/(fault-proxy/|faults-entry\\.ts)" },
    },
    ...layerRules,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "node"] },
  },
};
