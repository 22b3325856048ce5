/** What is kept at most; the oldest items give way. */
const MOST_ITEMS = 1_000;
const MOST_CHARACTERS = 8 * 1024 * 1024;

/**
 * The items of the last responses. Clients that believe that a server keeps responses send `item_reference` with an id instead of the item.
 */
export class ItemStore {
  readonly #texts = new Map<string, string>();
  #characters = 0;

  add(item: { readonly id: string }): void {
    const text = JSON.stringify(item);
    this.#remove(item.id);
    this.#texts.set(item.id, text);
    this.#characters += text.length;
    for (const [id] of this.#texts) {
      if (this.#texts.size <= MOST_ITEMS && this.#characters <= MOST_CHARACTERS) return;
      this.#remove(id);
    }
  }

  find(id: string): object | undefined {
    const text = this.#texts.get(id);
    return text === undefined ? undefined : (JSON.parse(text) as object);
  }

  #remove(id: string): void {
    this.#characters -= this.#texts.get(id)?.length ?? 0;
    this.#texts.delete(id);
  }
}

/** Those of this process. */
export const RESPONSE_ITEMS = new ItemStore();
