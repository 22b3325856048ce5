/** One violated rule of a request field, as in the 400 answer of `POST /execute`. */
export interface FieldError {
  /** The field; `stop[2]` for an item, `body` if the body is not an object. */
  readonly field: string;
  /** The rule, machine-readable: `required`, `type(integer)`, `range(1..=2048)`, `max_count(4)` … */
  readonly constraint: string;
  /** The same in readable form. */
  readonly message: string;
  /**
   * What was sent, if it was not an object or array; never for `prompt` and `stop`, which may be confidential. A text of more than 80
   * characters is truncated and ends with `…`. So is a number of more than 80 characters, which is then a string, as is one that
   * overflows a double (`"Infinity"` for `1e999`).
   */
  readonly value?: unknown;
}

/** A request body that violates at least one rule; {@link errors} has every violation. */
export class InvalidRequestError extends Error {
  override readonly name = "InvalidRequestError";
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super(`Invalid request: ${errors.map((error) => error.message).join("; ")}`);
    this.errors = errors;
  }
}
