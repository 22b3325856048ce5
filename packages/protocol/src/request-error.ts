/** One violated rule of one request field, as it stands in the 400 answer of `POST /execute`. */
export interface FieldError {
  /** The field, `stop[2]` for an item, `body` when the body is not an object. */
  readonly field: string;
  /** The rule, machine-readable: `required`, `type(integer)`, `range(1..=2048)`, `max_count(4)` … */
  readonly constraint: string;
  /** The same for people. */
  readonly message: string;
  /**
   * What was sent, if it was not an object or array; never for `prompt` and `stop`, which may be confidential. A text of more than 80
   * characters is cut there and ends with `…`. So is a number of more than 80 characters, which then arrives as a string, as does one
   * that overflows a double (`"Infinity"` for `1e999`).
   */
  readonly value?: unknown;
}

/** A request body that breaks at least one rule; {@link errors} has every violation. */
export class InvalidRequestError extends Error {
  override readonly name = "InvalidRequestError";
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super(`Invalid request: ${errors.map((error) => error.message).join("; ")}`);
    this.errors = errors;
  }
}
