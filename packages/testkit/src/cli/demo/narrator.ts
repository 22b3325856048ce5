import { toVisibleText, type Output, type OutputPart } from "../../terminal/index.js";

const LABEL_WIDTH = 8;
const INDENT = " ".repeat("  ✓ ".length + LABEL_WIDTH);

/** Prints the demo as aligned rows: a mark, a label, and what happened. */
export class Narrator {
  readonly #output: Output;
  #column = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  heading(title: string): void {
    this.#output.line();
    this.#output.line(this.#output.style("bold", title));
  }

  note(text: string): void {
    this.#output.line("    ", this.#output.style("dim", text));
  }

  /** An unchecked fact. */
  fact(label: string, text: string): void {
    this.#row(" ", label, text);
  }

  /** A checked fact; the text of a failure may have several lines. */
  verdict(label: string, passed: boolean, text: string): void {
    const { style } = this.#output;
    const [first = "", ...others] = text.split("\n");
    this.#row(passed ? style("green", "✓") : style("red", "✗"), label, first);
    for (const line of others) this.#output.line(INDENT, line);
  }

  /** Begins the row in which tokens appear one at a time. */
  beginTokens(): void {
    this.#output.write(...this.#label(" ", "tokens"));
    this.#column = INDENT.length;
  }

  /**
   * Shows a token immediately; lines are broken between tokens. On a color terminal, adjacent tokens have
   * different colors.
   */
  token(text: string, index: number): void {
    let visible = toVisibleText(text);
    if (this.#column > INDENT.length && this.#column + visible.length > this.#output.columnCount) {
      this.#output.line();
      this.#output.write(INDENT);
      this.#column = INDENT.length;
      visible = visible.trimStart();
    }
    this.#output.write(this.#output.style(index % 2 === 0 ? "cyan" : "blue", visible));
    this.#column += visible.length;
  }

  endTokens(): void {
    this.#output.line();
  }

  summary(passed: boolean, text: string): void {
    this.#output.line();
    this.#output.line(this.#output.style(passed ? "green" : "red", text));
  }

  line(text: string): void {
    this.#output.line(text);
  }

  #row(mark: OutputPart, label: string, text: string): void {
    this.#output.line(...this.#label(mark, label), text);
  }

  #label(mark: OutputPart, label: string): OutputPart[] {
    return ["  ", mark, " ", this.#output.style("dim", label.padEnd(LABEL_WIDTH))];
  }
}
