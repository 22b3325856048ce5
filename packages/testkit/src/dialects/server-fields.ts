const OPENAI: readonly string[] = ["openai-chat", "openai-completions"];

/** The dialects in which a server takes `ignore_eos: true` in the body: the answer then has exactly `max_tokens` tokens. */
const IGNORE_EOS: Readonly<Record<string, readonly string[]>> = {
  "llama-server": [...OPENAI, "llama-cpp"],
  vllm: OPENAI,
  sglang: OPENAI,
};

/** Whether some server takes `ignore_eos` in a dialect. */
export function mayIgnoreEos(dialect: string): boolean {
  return Object.values(IGNORE_EOS).some((names) => names.includes(dialect));
}

/** Whether a server is known to take `ignore_eos`. */
export function takesIgnoreEos(server: string | undefined, dialect: string): boolean {
  return server !== undefined && Object.hasOwn(IGNORE_EOS, server) && IGNORE_EOS[server]?.includes(dialect) === true;
}

/** Whether a server may refuse fields that OpenAI's API does not have: nothing shows that it is one of those that take or ignore them. */
export function mayRefuseExtensions(
  dialect: string,
  recognized: { readonly dialect: string; readonly server?: string | undefined } | undefined,
): boolean {
  if (!OPENAI.includes(dialect)) return false;
  return recognized === undefined || (recognized.dialect === "openai-chat" && recognized.server === undefined);
}
