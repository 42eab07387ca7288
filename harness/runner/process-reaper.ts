/** The end of everything that an implementation has started. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";

/**
 * The variable that every descendant of an implementation inherits, as Jenkins' ProcessTreeKiller marks what a build
 * starts.
 */
const MARK = "BENCHCONV_IMPLEMENTATION";

/** Sets limits of the process that it becomes; of util-linux, which nearly every Linux has. */
const PRLIMIT = ["/usr/bin/prlimit", "/bin/prlimit"].find((path) => existsSync(path));

/**
 * Waits until its input ends, then kills a process group ($1), every process whose environment holds a mark ($2), and
 * every process whose limits hold a number ($3): so also those that left the group, with another environment or in a
 * session of their own. They are looked for three times: what is being killed may start more. Then it removes the
 * control groups (the other arguments), when nothing is in them any more.
 */
const SCRIPT = String.raw`
read -r _
group=$1 mark=$2 limit=$3
shift 3
for attempt in 1 2 3; do
  kill -9 -- "-$group"
  found=$(grep -lsF "$mark" /proc/[0-9]*/environ; grep -ls "^Max file locks  *$limit " /proc/[0-9]*/limits)
  [ -n "$found" ] || break
  for file in $found; do pid=\${file#/proc/}; kill -9 "\${pid%%/*}"; done
done
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  left=
  for folder; do [ -d "$folder" ] && ! rmdir "$folder" && left=1; done
  [ -n "$left" ] || break
  sleep 0.05
done`.replaceAll("\\$", "$");

/** A process to start. */
export interface ProcessStart {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Sees to it that nothing of an implementation's process outlives it or the harness, however the harness ends: a small
 * shell, out of the reach of both, whose input ends when the harness lets go of it or dies. Where there is no such
 * shell (Windows), it does nothing.
 */
export class ProcessReaper {
  readonly #mark = randomUUID();
  /** As many file locks Linux does not limit: it is a number that descendants inherit whatever their environment. */
  readonly #locks = String(2 ** 40 + randomInt(2 ** 47));
  #shell: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();

  /** What the implementation's environment must hold. */
  get environment(): Readonly<Record<string, string>> {
    return { [MARK]: this.#mark };
  }

  /** The same process, marked; as it is where the system cannot. */
  marked({ command, args }: ProcessStart): ProcessStart {
    return PRLIMIT === undefined
      ? { command, args }
      : { command: PRLIMIT, args: [`--locks=${this.#locks}:`, "--", command, ...args] };
  }

  /** To be called as soon as the process has started; `group` is its process group. */
  watch(group: number, controlGroups: readonly string[] = []): void {
    if (process.platform === "win32") return;
    const args = ["-c", SCRIPT, "sh", String(group), `${MARK}=${this.#mark}`, this.#locks, ...controlGroups];
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
