/** What a check saw of a server that does not decide its verdict, such as a connection that had to be opened again. */
export class CheckNotes {
  readonly #counts = new Map<string, number>();

  add(text: string): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }

  /** Each note once, with how often it was made if that is more than once. */
  list(): string[] {
    return [...this.#counts].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
  }
}
