/** Throws what has failed, if anything has; several failures at once are joined, and the first one leads. */
export function throwAll(failures: readonly unknown[]): void {
  const [first] = failures;
  if (failures.length === 0) return;
  throw failures.length === 1 ? first : new AggregateError(failures, (first as Error).message);
}
