import type { Llama, LlamaGrammar, LlamaGrammarEvaluationState, LlamaModel } from "node-llama-cpp";
import type { OutputFormat } from "../engine.js";
import { loadLibrary } from "./library.js";
import { toGrammarSchema } from "./output-schema.js";

/** node-llama-cpp lets four line ends follow the value and looks for them in the output; here the value is the end. */
const TAIL = / "\\n\\n\\n\\n" \[\\n\]\*(?=\n|$)/;

/** What keeps the output of one job to its format. */
export async function createGrammarState(
  { llama, model }: { readonly llama: Llama; readonly model: LlamaModel },
  format: OutputFormat | undefined,
): Promise<LlamaGrammarEvaluationState | undefined> {
  if (format === undefined) return undefined;
  const { LlamaGrammarEvaluationState } = await loadLibrary();
  return new LlamaGrammarEvaluationState({ model, grammar: await createGrammar(llama, format) });
}

/** @throws {WorkerError} INVALID_REQUEST a schema that no grammar can express. */
export function checkFormat(format: OutputFormat | undefined): void {
  if (format?.kind === "json_schema") toGrammarSchema(format.schema);
}

async function createGrammar(llama: Llama, format: OutputFormat): Promise<LlamaGrammar> {
  if (format.kind === "json_object") return llama.getGrammarFor("json");
  const schema = toGrammarSchema(format.schema) as Parameters<Llama["createGrammarForJsonSchema"]>[0];
  const { grammar } = await llama.createGrammarForJsonSchema(schema);
  return llama.createGrammar({ grammar: grammar.replace(TAIL, "") });
}
