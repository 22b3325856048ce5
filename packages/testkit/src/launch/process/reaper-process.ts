import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { REAPER_SCRIPT } from "./reaper-script.js";

/** The name of a reaper in a process list. */
const REAPER_NAME = "inference-testkit-reaper";
/** The `sh` of macOS is an old Bash that does not run traps while it waits for input; its Dash does, and starts faster. */
const SHELLS = ["/bin/dash", "/bin/sh"];

/** One run of the reaper script. */
export class ReaperProcess {
  readonly #input: Writable;

  /** Does not throw; `onEnd` is called once, with a reason, if the reaper cannot be started or when it has ended. */
  constructor(onEnd: (reason: string) => void) {
    const shell = SHELLS.find((path) => existsSync(path)) ?? "/bin/sh";
    const child = spawn(shell, ["-c", REAPER_SCRIPT, REAPER_NAME], {
      detached: true, // its own session: Ctrl-C in the terminal does not reach it
      stdio: ["pipe", "ignore", "ignore"],
      cwd: "/",
      // Without the mark of an outer worker: stopping that one must not end this reaper first.
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    });
    this.#input = child.stdin;
    this.#input.on("error", () => undefined); // the reaper has ended, which is reported separately
    let hasEnded = false;
    const end = (reason: string): void => {
      if (hasEnded) return;
      hasEnded = true;
      onEnd(reason);
    };
    child.once("exit", (code, signal) => end(signal ?? `exit code ${code}`));
    child.once("error", (error) => end(error.message));
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref(); // Node's pipes are sockets; a runner may end while it is open
  }

  /**
   * libuv writes synchronously to a pipe that has room, so the line has been sent when this returns; it never waits for the
   * event loop.
   */
  send(line: string): void {
    this.#input.write(`${line}\n`);
  }
}

/** Whether a command line is that of a reaper. */
export function isReaperCommand(command: string): boolean {
  return command.includes(REAPER_NAME);
}
