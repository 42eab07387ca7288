/** The end of everything that an implementation has started. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";

/**
 * The variable that every descendant of an implementation inherits, as Jenkins' ProcessTreeKiller marks what a build
 * starts.
 */
const MARK = "BENCHCONV_IMPLEMENTATION";

/**
 * Waits until its input ends, then kills a process group ($1) and every process whose environment holds a mark ($2), so
 * also those that left the group. A mark is looked for three times: what is being killed may start more.
 */
const SCRIPT = String.raw`
read -r _
for attempt in 1 2 3; do
  kill -9 -- "-$1"
  found=$(grep -lsF "$2" /proc/[0-9]*/environ)
  [ -n "$found" ] || break
  for file in $found; do pid=\${file#/proc/}; kill -9 "\${pid%%/*}"; done
done`.replaceAll("\\$", "$");

/**
 * Sees to it that nothing of an implementation's process outlives it or the harness, however the harness ends: a small
 * shell, out of the reach of both, whose input ends when the harness lets go of it or dies. Where there is no such
 * shell (Windows), it does nothing.
 */
export class ProcessReaper {
  readonly #mark = randomUUID();
  #shell: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();

  /** What the implementation's environment must hold. */
  get environment(): Readonly<Record<string, string>> {
    return { [MARK]: this.#mark };
  }

  /** To be called as soon as the process has started; `group` is its process group. */
  watch(group: number): void {
    if (process.platform === "win32") return;
    const args = ["-c", SCRIPT, "sh", String(group), `${MARK}=${this.#mark}`];
    this.#shell = spawn("/bin/sh", args, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    this.#shell.stdin?.on("error", () => {}); // it is gone
    this.#gone = once(this.#shell, "exit").catch(() => {});
  }

  /** Kills what is left, and resolves when that is done. */
  async finish(): Promise<void> {
    this.#shell?.stdin?.end();
    await this.#gone;
  }
}
