/**
 * Cleans up after a failure and returns the error to throw: the failure itself, or, if the cleanup fails too, an
 * `AggregateError` of both with the failure first.
 */
export async function cleanUpAfter(failure: unknown, cleanUp: () => Promise<void>): Promise<unknown> {
  try {
    await cleanUp();
    return failure;
  } catch (error) {
    return new AggregateError([failure, error], failure instanceof Error ? failure.message : String(failure));
  }
}
