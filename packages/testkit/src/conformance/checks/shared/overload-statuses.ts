/** How a server refuses a request that it has no room for; 529 is that of Anthropic's API. */
export const OVERLOAD_STATUSES: readonly number[] = [429, 503, 529];
