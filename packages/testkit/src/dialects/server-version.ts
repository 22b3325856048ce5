/** Where a server tells its version. */
export interface VersionPlace {
  /** Answers JSON. */
  readonly path: string;
  readonly field: string;
}

/** In the order in which they are asked: of llama-server, vLLM, Ollama, SGLang and TGI. */
export const VERSION_PLACES: readonly VersionPlace[] = [
  { path: "/props", field: "build_info" },
  { path: "/version", field: "version" },
  { path: "/api/version", field: "version" },
  { path: "/get_server_info", field: "version" },
  { path: "/info", field: "version" },
];
