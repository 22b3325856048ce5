import { expect, test } from "vitest";
import { parseXml } from "../../../src/viewer/junit/parse-xml.js";

test("reads elements, attributes, text, CDATA and the entities of XML", () => {
  const { name, attributes, text, children } = parseXml(
    '\uFEFF<?xml version="1.0"?><!-- a --><r a="1 &lt; &#50;" b=\'"\'>x &amp; <![CDATA[<y>]]><c/>&#x1F600;</r>\n',
  );

  expect([name, attributes, text]).toEqual(["r", { a: "1 < 2", b: '"' }, "x & <y>😀"]);
  expect(children.map((child) => child.name)).toEqual(["c"]);
});

test("an attribute that is named like a member of objects is only an attribute", () => {
  const { attributes } = parseXml('<r __proto__="x" constructor="y"/>');

  expect(Object.entries(attributes)).toEqual([
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
});

test.for([
  ["<a><b></a>", "line 1: unexpected </a>"],
  ["<a>\n<b>", "line 2: <b> is not closed"],
  ["", "line 1: expected one root element"],
  ["<a/><b/>", "line 1: expected one root element"],
  ["text", "line 1: expected one root element"],
  ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "line 1: unexpected markup"],
  ["<a b=c/>", "line 1: unexpected markup"],
  ["</a>", "line 1: unexpected </a>"],
] as const)("%j is not well-formed", ([source, problem]) => {
  expect(() => parseXml(source)).toThrow(problem);
});

test("depth is bounded, and unknown entities stay as they are", () => {
  expect(() => parseXml("<a>".repeat(200))).toThrow("more than 100 elements in each other");
  expect(parseXml("<a>&nbsp; &toString; &#9999999; &#x110000; &#x;</a>").text).toBe(
    "&nbsp; &toString; &#9999999; &#x110000; &#x;",
  );
});

test("a large document without an end is refused in time", () => {
  const source = `<r>${'<a b="'.repeat(100_000)}`;

  expect(() => parseXml(source)).toThrow("unexpected markup");
  expect(() => parseXml(`<r>${"<!--".repeat(50_000)}`)).toThrow("unexpected markup");
});
