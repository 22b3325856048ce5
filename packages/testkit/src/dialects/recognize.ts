import { findDialect, type DialectName } from "./dialect-option.js";
import { fieldsOf, listOf, textOf, type Fields } from "./shared/json.js";

/** What a server answered when it was asked what it is. */
export interface ProbeAnswer {
  readonly path: string;
  /** Undefined if there was no answer. */
  readonly status: number | undefined;
  readonly body: string;
}

/** What a server speaks, and how that is known. */
export interface Recognition {
  readonly dialect: DialectName;
  readonly because: string;
  /** The program, such as `vllm`, where the answers show it. */
  readonly server?: string | undefined;
}

/** The `owned_by` of the models in the lists of servers that name themselves there, and the names of the programs. */
const OWNERS: Readonly<Record<string, string>> = { vllm: "vllm", sglang: "sglang", llamacpp: "llama-server" };

interface Sign {
  readonly path: string;
  readonly find: (fields: Fields) => Recognition | undefined;
}

/** The paths that tell servers apart, in the order of their weight. A worker of this project needs the first one only. */
const SIGNS: readonly Sign[] = [
  {
    path: "/health",
    find: ({ worker_id: id }) => when(typeof id === "string", "orcd", "`/health` reports a `worker_id`"),
  },
  {
    path: "/info",
    find: (fields) =>
      when(
        textOf(fields["model_id"]) !== undefined && "max_concurrent_requests" in fields,
        "tgi",
        "`/info` is that of Text Generation Inference",
      ),
  },
  {
    path: "/props",
    find: (fields) => {
      const hasTemplate = textOf(fields["chat_template"]) !== undefined;
      const because = `\`/props\` is that of llama-server, whose model has ${hasTemplate ? "a" : "no"} chat template`;
      const dialect = hasTemplate ? "openai-chat" : "llama-cpp";
      return when("default_generation_settings" in fields, dialect, because, "llama-server");
    },
  },
  {
    path: "/api/tags",
    find: ({ models }) => when(Array.isArray(models), "ollama", "`/api/tags` lists models, as Ollama does"),
  },
  {
    path: "/v1/models",
    find: ({ data }) => {
      const owner = textOf(fieldsOf(listOf(data)[0])["owned_by"]);
      const whose = owner === undefined ? "" : ` of \`${owner.slice(0, 40)}\``;
      return when(
        Array.isArray(data),
        "openai-chat",
        `\`/v1/models\` lists models${whose}, as OpenAI-compatible servers do`,
        owner !== undefined && Object.hasOwn(OWNERS, owner) ? OWNERS[owner] : undefined,
      );
    },
  },
];

/** The paths to ask, the first one alone. */
export const PROBE_PATHS = SIGNS.map(({ path }) => path);

/** What the answers show; undefined if none of them is known. */
export function recognizeServer(answers: readonly ProbeAnswer[]): Recognition | undefined {
  for (const { path, find } of SIGNS) {
    const answer = answers.find((each) => each.path === path);
    const isAnswer = answer?.status === 200 || (answer?.status === 503 && path === "/health");
    const found = isAnswer ? find(parse(answer.body)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a server that was recognized by one dialect may speak another one, too. Many speak several; what a user's own is, is unknown. */
export function mayServe(recognized: DialectName, dialect: string): boolean {
  if (findDialect(dialect) === undefined || recognized === dialect) return true;
  if (dialect === "orcd") return false;
  if (recognized === "orcd") return !["llama-cpp", "tgi"].includes(dialect);
  return dialect === "llama-cpp" ? recognized === "openai-chat" : !["ollama", "tgi"].includes(dialect);
}

// eslint-disable-next-line max-params -- a row of the table above
function when(holds: boolean, dialect: DialectName, because: string, server?: string): Recognition | undefined {
  return holds ? { dialect, because, server } : undefined;
}

function parse(body: string): Fields {
  try {
    return fieldsOf(JSON.parse(body));
  } catch {
    return {};
  }
}
