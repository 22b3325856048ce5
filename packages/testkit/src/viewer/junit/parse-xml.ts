/** An element of an XML document, with its text. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All text directly in it, with entities replaced. */
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** Deeper documents are not results of tests. */
const DEEPEST = 100;
const MARKUP =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s+[^\s=>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES = new Map(Object.entries({ lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" }));

/**
 * Parses a document without a document type: nothing is loaded, and no entity but those of XML itself is replaced.
 *
 * @throws {SyntaxError} not well-formed; the message has the line.
 */
export function parseXml(source: string): XmlElement {
  const text = source.replace(/^\uFEFF/, "");
  const root: OpenElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf("<", at);
    const until = next === -1 ? text.length : next;
    addText(open, text.slice(at, until));
    if (next === -1) break;
    MARKUP.lastIndex = next;
    const match = MARKUP.exec(text);
    if (match === null) throw createSyntaxError(text, next, "unexpected markup");
    applyMarkup(open, match, text);
    at = MARKUP.lastIndex;
  }
  const [document] = root.children;
  if (open.length > 1) throw createSyntaxError(text, text.length, `<${open.at(-1)?.name}> is not closed`);
  if (document === undefined || root.children.length > 1) throw createSyntaxError(text, 0, "expected one root element");
  return document;
}

function applyMarkup(open: OpenElement[], match: RegExpExecArray, text: string): void {
  const [, data, closed, opened, attributes = "", isEmpty] = match;
  const current = open.at(-1);
  if (data !== undefined && current !== undefined) current.text += data;
  else if (closed !== undefined) {
    if (open.length < 2 || current?.name !== closed)
      throw createSyntaxError(text, match.index, `unexpected </${closed}>`);
    open.pop();
  } else if (opened !== undefined) {
    if (open.length > DEEPEST)
      throw createSyntaxError(text, match.index, `more than ${DEEPEST} elements in each other`);
    const element: OpenElement = { name: opened, attributes: readAttributes(attributes), children: [], text: "" };
    current?.children.push(element);
    if (isEmpty === "") open.push(element);
  }
}

function addText(open: readonly OpenElement[], text: string): void {
  const current = open.at(-1);
  if (current !== undefined && open.length > 1) current.text += replaceEntities(text);
}

function readAttributes(text: string): Record<string, string> {
  const found = [...text.matchAll(ATTRIBUTE)];
  return Object.fromEntries(found.map(([, name = "", one, other]) => [name, replaceEntities(one ?? other ?? "")]));
}

function replaceEntities(text: string): string {
  return text.replaceAll(/&(#?\w{1,8});/g, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES.get(name) ?? whole;
    const code = Number(name.replace("#x", "0x").replace("#", ""));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function createSyntaxError(text: string, at: number, problem: string): SyntaxError {
  return new SyntaxError(`line ${text.slice(0, at).split("\n").length}: ${problem}`);
}
