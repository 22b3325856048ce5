import { expect, test } from "vitest";
import InferenceReporter from "../../src/vitest/reporter.js";

test.for([
  [{ outputFile: "" }, "Expected `outputFile` to be a string that is not empty"],
  [{ outputfile: "x.html" }, "outputfile"],
  [{ evidence: "all" }, 'Expected `evidence` to be false or options such as { redact: true }, got `"all"`'],
  [{ markdownFile: 5 }, "Expected `markdownFile`"],
] as const)("the reporter refuses %j when the run begins", ([options, problem]) => {
  expect(() => new InferenceReporter(options as never)).toThrow(problem);
});
