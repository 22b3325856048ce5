import { toVisibleText } from "../../terminal/index.js";
import { escapeMarkup } from "./escape-markup.js";

/** Attributes of an element, unescaped. */
export type XmlAttributes = Readonly<Record<string, string | number>>;

/**
 * An element with its attributes and its content, which must be markup from this function or from {@link xmlText}.
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

/** Invisible characters, and those that XML 1.0 does not allow, become escape sequences. */
function escape(text: string): string {
  return escapeMarkup(toVisibleText(text));
}
