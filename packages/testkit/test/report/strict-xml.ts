/** A tag, an end tag or a text of a document. */
const TOKEN =
  /<\?xml version="1\.0" encoding="UTF-8"\?>\n|<(\/?)([A-Za-z][\w.-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|[^<]+/gy;
/** The characters of XML 1.0, 2.2. */
const CHARS = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;
const REFERENCES = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/;

/** One element. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Reads a document as strictly as XML 1.0 demands of one without a DTD: characters, references, nesting, one root, attributes that are
 * quoted and there once.
 *
 * @returns its elements in the order of their start tags. @throws if it is not well-formed
 */
export function readStrictXml(text: string): XmlElement[] {
  if (!CHARS.test(text)) throw new Error("a character that XML 1.0 does not allow");
  if (REFERENCES.test(text)) throw new Error("an `&` that is not a reference");
  if (text.includes("]]>")) throw new Error("`]]>` outside a CDATA section");
  const [open, elements]: [string[], XmlElement[]] = [[], []];
  let [end, rootCount] = [0, 0];
  for (const match of text.matchAll(TOKEN)) {
    const [token, isEnd, name, attributes = "", isEmpty] = match;
    end = match.index + token.length;
    if (name === undefined) {
      if (open.length === 0 && !token.startsWith("<?xml") && token.trim() !== "")
        throw new Error("text outside the root");
    } else if (isEnd === "/") {
      if (open.pop() !== name) throw new Error(`</${name}> closes another element`);
    } else {
      if (open.length === 0 && ++rootCount > 1) throw new Error("two roots");
      elements.push({ name, attributes: readAttributes(attributes) });
      if (isEmpty !== "/") open.push(name);
    }
  }
  if (end !== text.length) throw new Error(`not XML at ${end}: ${JSON.stringify(text.slice(end, end + 80))}`);
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is not closed`);
  return elements;
}

function readAttributes(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = "", value = ""] of text.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    if (name in attributes) throw new Error(`the attribute ${name} is there twice`);
    attributes[name] = value;
  }
  return attributes;
}
