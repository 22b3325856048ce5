import { expect, test } from "vitest";
import { readStrictXml } from "./strict-xml.js";

test("a document is parsed into its elements", () => {
  expect(readStrictXml('<?xml version="1.0" encoding="UTF-8"?>\n<a b="1"><c/>&lt;</a>\n')).toEqual([
    { name: "a", attributes: { b: "1" } },
    { name: "c", attributes: {} },
  ]);
});

test.each([
  ["<a>\u001b</a>"],
  ["<a>\ufffe</a>"],
  ["<a>\ud800</a>"],
  ["<a>&</a>"],
  ["<a>]]></a>"],
  ["<a><b></a></b>"],
  ["<a/><b/>"],
  ["<a b=1/>"],
  ['<a b="<"/>'],
  ['<a b="1" b="2"/>'],
  ["<a>"],
  ["<a/>text"],
  ["<!-- --><a/>"],
])("%j is rejected", (text) => {
  expect(() => readStrictXml(text)).toThrow();
});
