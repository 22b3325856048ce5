/** The first line of a text or of an error's message: an error of the framework has its reason there. */
export function firstLine(error: unknown): string {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return (typeof message === "string" ? message : String(error)).split("\n", 1)[0] ?? "";
}

/** The same without the code, for a sentence of another error. */
export function reasonOf(error: unknown): string {
  return firstLine(error).replace(/^\[\w+\] /, "");
}
