/**
 * Cleans up after a failure and says which error to throw: the failure itself, or, if the cleaning up fails as well, an
 * `AggregateError` of both in which the failure leads.
 */
export async function cleanUpAfter(failure: unknown, cleanUp: () => Promise<void>): Promise<unknown> {
  try {
    await cleanUp();
    return failure;
  } catch (error) {
    return new AggregateError([failure, error], failure instanceof Error ? failure.message : String(failure));
  }
}
