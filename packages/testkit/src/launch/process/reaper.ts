import { spawn } from "node:child_process";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { REAPER_SCRIPT } from "./reaper-script.js";

/**
 * Registers workers with the orphan reaper, a tiny process in a session of its own that ends them when this process is
 * gone. One a process, started with the first registration.
 *
 * A token is announced before the worker is forked. There is no gap: until a forked child has replaced itself by the
 * worker, it holds a copy of the reaper's pipe, so end-of-file comes only when the token is readable in its environment.
 */
class Reaper {
  readonly #registered = new Set<string>();
  #input: Writable | undefined;

  /** Makes a token known; do it before the worker that carries it is spawned. */
  announceToken(token: string): void {
    this.#add(`token ${token}`);
  }

  forgetToken(token: string): void {
    this.#remove(`token ${token}`);
  }

  /** Registers a process group; do it in the same turn of the event loop as the spawn. */
  addGroup(groupId: number): void {
    this.#add(`group ${groupId}`);
  }

  /** Do it at once when the group is known to be empty: its number may be given to somebody else. */
  removeGroup(groupId: number): void {
    this.#remove(`group ${groupId}`);
  }

  #add(entry: string): void {
    this.#input ??= this.#start();
    this.#registered.add(entry);
    this.#send(`+${entry}`);
  }

  #remove(entry: string): void {
    if (this.#registered.delete(entry)) this.#send(`-${entry}`);
  }

  /** libuv writes to a pipe with room at once, so the line is out when this returns; it never waits for the event loop. */
  #send(line: string): void {
    this.#input?.write(`${line}\n`);
  }

  #start(): Writable {
    const child = spawn("/bin/sh", ["-c", REAPER_SCRIPT, "inference-testkit-reaper"], {
      detached: true, // an own session: Ctrl-C in the terminal does not reach it
      stdio: ["pipe", "ignore", "ignore"],
      cwd: "/",
      // Without the mark of an outer worker: whoever stops that one must not end this reaper first.
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    });
    const input = child.stdin;
    const giveUp = (): void => {
      if (this.#input === input) this.#input = undefined; // the next registration starts another one
    };
    child.once("exit", giveUp);
    child.once("error", (error) => {
      giveUp();
      process.emitWarning(`No orphan reaper: ${error.message}. Workers may outlive a killed test runner.`);
    });
    input.on("error", giveUp);
    child.unref();
    if (input instanceof Socket) input.unref(); // Node's pipes are sockets; a runner may end while this one is open
    for (const entry of this.#registered) input.write(`+${entry}\n`);
    return input;
  }
}

/** The reaper of this process. */
export const reaper = new Reaper();
