import { expect, test } from "vitest";
import { fillPlaceholders, usesPlaceholder } from "../../src/launch/placeholders.js";

const values = { port: 8080, workerId: "w$1", host: "::1" };

test("every occurrence of every placeholder is replaced, with values taken literally", () => {
  expect(fillPlaceholders("http://[{host}]:{port}/{workerId}?p={port}", values)).toBe("http://[::1]:8080/w$1?p=8080");
});

test("other braces are kept: JSON in an argument is common", () => {
  const text = '{"model":{"port_range":"{ports}"}}';
  expect(fillPlaceholders(text, values)).toBe(text);
});

test("usesPlaceholder() finds a placeholder in any text, and only that one", () => {
  expect(usesPlaceholder("port", ["a", undefined, "--port={port}"])).toBe(true);
  expect(usesPlaceholder("workerId", ["--port={port}", "workerId"])).toBe(false);
});
