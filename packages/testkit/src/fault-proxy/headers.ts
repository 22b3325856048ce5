/**
 * Headers as a flat list of alternating names and values, without those with one of these lower-case names.
 */
export function withoutHeaders(headers: readonly string[], names: readonly string[]): string[] {
  return headers.filter((_, at) => !names.includes((headers[at - (at % 2)] ?? "").toLowerCase()));
}
