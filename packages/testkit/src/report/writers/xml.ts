import { toVisibleText } from "../../terminal/index.js";
import { escapeMarkup } from "./escape-markup.js";

/** Attributes of an element, as they are read. */
export type XmlAttributes = Readonly<Record<string, string | number>>;

/**
 * An element with its attributes and its content, which is markup already: made by this function or by {@link xmlText}.
 *
 * @example xmlElement("failure", { message: "a < b" }, xmlText(["a < b"])) // '<failure message="a &lt; b">a &lt; b</failure>'
 */
export function xmlElement(name: string, attributes: XmlAttributes, content = ""): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(String(value))}"`);
  return content === "" ? `<${name}${list.join("")}/>` : `<${name}${list.join("")}>${content}</${name}>`;
}

/** Lines as content of an element; each of them stays one line. */
export function xmlText(lines: readonly string[]): string {
  return lines.map(escape).join("\n");
}

/** Characters that XML 1.0 does not allow, and those that cannot be seen, are written as escape sequences. */
function escape(text: string): string {
  return escapeMarkup(toVisibleText(text));
}
