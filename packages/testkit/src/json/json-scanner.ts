const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const PLAIN = /[^"\\\u0000-\u001f]+/y;
const SPACE = /[ \t\r\n]*/y;

/** A text is not JSON. */
export class BrokenJson extends Error {
  override readonly name = "BrokenJson";
  /** The first character that does not fit; the length of the text if it ends too early. */
  readonly offset: number;

  constructor(offset: number) {
    super(`invalid JSON at offset ${offset}`);
    this.offset = offset;
  }
}

/** Reads JSON text for the places of its values, which `JSON.parse` does not report. */
export class JsonScanner {
  readonly #text: string;
  readonly #root: string;
  readonly #visit: (path: string, offset: number) => boolean;
  #at = 0;

  /** @param options.visit is called for each member and element; returns whether those inside it are visited, too. */
  constructor(
    text: string,
    { root, visit }: { readonly root: string; readonly visit: (path: string, offset: number) => boolean },
  ) {
    this.#text = text;
    this.#root = root;
    this.#visit = visit;
  }

  /** Reads the whole text. @throws {BrokenJson} @throws {RangeError} it is nested thousands of levels deep. */
  scan(): void {
    this.#value(this.#root);
    this.#skip(SPACE);
    if (this.#at < this.#text.length) throw new BrokenJson(this.#at);
  }

  /** @param path `undefined` if nothing in the value is visited. */
  #value(path: string | undefined): void {
    this.#skip(SPACE);
    const first = this.#text[this.#at];
    if (first === "{") this.#list("}", () => this.#member(path));
    else if (first === "[") this.#list("]", (index) => this.#element(path, index));
    else if (first === '"') this.#string();
    else if (!this.#skip(SCALAR)) throw new BrokenJson(this.#at);
  }

  #list(end: string, item: (index: number) => void): void {
    this.#at += 1;
    this.#skip(SPACE);
    if (this.#text[this.#at] !== end) {
      item(0);
      for (let index = 1; this.#isNext(","); index += 1) item(index);
    }
    this.#expect(end);
  }

  #member(path: string | undefined): void {
    this.#skip(SPACE);
    const offset = this.#at;
    const name = this.#string();
    this.#expect(":");
    this.#value(path === undefined ? undefined : this.#enter(path === "" ? name : `${path}.${name}`, offset));
  }

  #element(path: string | undefined, index: number): void {
    this.#skip(SPACE);
    this.#value(path === undefined ? undefined : this.#enter(`${path}[${index}]`, this.#at));
  }

  #enter(path: string, offset: number): string | undefined {
    return this.#visit(path, offset) ? path : undefined;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') throw new BrokenJson(start);
    this.#at += 1;
    while (this.#skip(PLAIN) || this.#skip(ESCAPE));
    this.#expectHere('"');
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #isNext(character: string): boolean {
    this.#skip(SPACE);
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    this.#skip(SPACE);
    this.#expectHere(character);
  }

  #expectHere(character: string): void {
    if (this.#text[this.#at] !== character) throw new BrokenJson(this.#at);
    this.#at += 1;
  }

  /** Returns whether there was anything to skip. */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const length = pattern.exec(this.#text)?.[0].length ?? 0;
    this.#at += length;
    return length > 0;
  }
}
