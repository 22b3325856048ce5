/** The ranges of the request fields, inclusive (wire protocol, `POST /execute`). One table for validation, docs and tests. */
export const REQUEST_LIMITS = {
  jobIdMaxCharacters: 256,
  promptMaxCharacters: 32_768,
  maxTokens: 2048,
  maxTemperature: 2,
  maxSeed: 18_446_744_073_709_551_615n,
  maxTopK: 2 ** 31 - 1,
  maxRepetitionPenalty: 2,
  maxStopCount: 4,
  maxStopBytes: 100,
  maxBodyBytes: 1024 * 1024,
} as const;
