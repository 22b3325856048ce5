/** Marks every testkit error, including those of another copy of the package. */
export const BRAND = Symbol.for("inference-testkit.error");
