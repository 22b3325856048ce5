import { InvalidOptionError, isTestkitError } from "../errors/index.js";
import { toVisibleText } from "../terminal/index.js";
import { isKeyWanted } from "./server-headers.js";

const MOST_SHOWN = 20;

/** Asks the server for its models, in a short time; `undefined` if the dialect has no list of them. */
type AskModels = () => Promise<readonly string[] | undefined>;

/** Which model the requests of a client name: the given one, or the first one that the server lists. It is asked once. */
export class ModelChoice {
  readonly #given: string | undefined;
  readonly #ask: AskModels;
  #listed: Promise<readonly string[] | undefined> | undefined;
  /** The list, once it has arrived; empty where there is none. */
  #models: readonly string[] | undefined;
  /** The server wants a key for the list. */
  #refusal: Error | undefined;

  constructor(given: string | undefined, ask: AskModels) {
    this.#given = given;
    this.#ask = ask;
  }

  /** The model, as far as it is known. */
  get model(): string | undefined {
    return this.#given ?? this.#models?.[0];
  }

  /** The model of a request; the first call may ask. `undefined` for a server without a list. */
  async find(): Promise<string | undefined> {
    if (this.#given === undefined && this.#models === undefined) await this.#list();
    return this.model;
  }

  /** Asks now. @throws {INVALID_OPTION} the server does not have the given model. @throws {HTTP_FAILED} it wants a key, and no model was given. */
  async prepare(): Promise<void> {
    const models = await this.#list();
    if (this.#given === undefined && this.#refusal !== undefined) throw this.#refusal;
    if (models.length === 0 || this.#given === undefined || models.includes(this.#given)) return;
    throw new InvalidOptionError({
      message: `Expected \`model\` to be one that the server has: ${describe(models)}; got \`${this.#given}\``,
    });
  }

  /** For a refusal. */
  get hint(): string | undefined {
    const models = this.#models ?? [];
    return models.length === 0 ? undefined : `The server has these models: ${describe(models)}.`;
  }

  async #list(): Promise<readonly string[]> {
    this.#listed ??= this.#ask();
    try {
      return (this.#models = (await this.#listed) ?? []);
    } catch (error) {
      if (isTestkitError(error, "HTTP_FAILED") && isKeyWanted(error.details["status"])) this.#refusal = error;
      if (!isTestkitError(error, "CONNECT_FAILED")) return (this.#models = []); // it has no list, or one that cannot be read
      this.#listed = undefined; // it may be there later
      return [];
    }
  }
}

function describe(models: readonly string[]): string {
  const shown = models.slice(0, MOST_SHOWN).map((model) => toVisibleText(model.slice(0, 100)));
  return shown.join(", ") + (models.length > shown.length ? `, … (${models.length})` : "");
}
