/** Marks every testkit error, also those of another copy of the package. */
export const BRAND = Symbol.for("inference-testkit.error");
