/** Limits of memory and of the number of processes: of each process (setrlimit), and of all by control groups. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import type { ProcessStart } from "../process-reaper.ts";

/** Node has a dozen threads of its own, and libraries one or two for each core. */
export const MOST_PROCESSES = 256 + 8 * availableParallelism();
/** A process may have this much more than is watched for: what it has asked for and never touched counts too. */
const UNTOUCHED_BYTES = 2 ** 30;

// Shells differ in the letter of the number of processes; a letter that one does not know may end it.
const LIMITED = `{ echo 1000 > /proc/self/oom_score_adj; } 2>&-; ulimit -c 0; ulimit -d "$1" 2>&-
if (ulimit -u "$2") 2>&-; then ulimit -u "$2"; elif (ulimit -p "$2") 2>&-; then ulimit -p "$2"; fi
own=$3; shift 3
[ -n "$own" ] && command -v setsid > /dev/null && exec setsid "$@"
exec "$@"`;

/**
 * The same process, which may take so much memory, and have so many processes where the user is not root; it is ended
 * before others where the machine runs out of memory. With `leadsGroup` it leads a process group of its own, as it does
 * anyway where nobody stands above it.
 */
export function limited({ command, args }: ProcessStart, memoryBytes: number, leadsGroup: boolean): ProcessStart {
  const kibibytes = Math.ceil((memoryBytes + UNTOUCHED_BYTES) / 1024);
  const settings = [String(kibibytes), String(MOST_PROCESSES), leadsGroup ? "own" : ""];
  return { command: "/bin/sh", args: ["-c", LIMITED, "sh", ...settings, command, ...args] };
}

type Controller = "memory" | "pids";

/** Where groups can be made, and the files there that limit each. */
interface Place {
  readonly folder: string;
  readonly limits: Readonly<Partial<Record<Controller, string>>>;
}

/** The places where this process can make control groups, of version 2 or 1; found once. */
export function controlGroupPlaces(): readonly Place[] {
  return (places ??= findPlaces().filter(isWritable));
}
let places: readonly Place[] | undefined;

const ROOT = "/sys/fs/cgroup";

function findPlaces(): readonly Place[] {
  const membership = textOf("/proc/self/cgroup");
  if (existsSync(join(ROOT, "cgroup.controllers"))) {
    const own = join(ROOT, /^0::(\/.*)$/m.exec(membership)?.[1] ?? "/");
    // A group that has processes hands no controller on: one above does.
    const above = ancestors(own).find((folder) => /\bmemory\b/.test(textOf(join(folder, "cgroup.subtree_control"))));
    return above === undefined ? [] : [{ folder: above, limits: { memory: "memory.max", pids: "pids.max" } }];
  }
  const ofVersion1 = (controller: Controller, limit: string): Place => {
    const own = new RegExp(String.raw`^\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(/.*)$`, "m").exec(membership)?.[1];
    const folder = join(ROOT, controller, own ?? "/");
    return { folder: existsSync(folder) ? folder : join(ROOT, controller), limits: { [controller]: limit } };
  };
  return [ofVersion1("memory", "memory.limit_in_bytes"), ofVersion1("pids", "pids.max")];
}

function ancestors(folder: string): readonly string[] {
  return folder.length <= ROOT.length ? [ROOT] : [folder, ...ancestors(dirname(folder))];
}

function isWritable(place: Place): boolean {
  try {
    const groups = makeGroups({ memoryBytes: 2 ** 30, places: [place] });
    for (const group of groups) rmdirSync(group);
    return groups.length > 0;
  } catch {
    return false;
  }
}

/** Makes a group in each place, for one implementation; gives their folders. @throws Error where the system refuses */
export function makeGroups({
  memoryBytes,
  places: chosen = controlGroupPlaces(),
}: {
  readonly memoryBytes: number;
  readonly places?: readonly Place[];
}): readonly string[] {
  return chosen.map(({ folder, limits }) => {
    const group = join(folder, `benchconv-${randomUUID()}`);
    mkdirSync(group);
    try {
      if (limits.memory !== undefined) writeFileSync(join(group, limits.memory), String(memoryBytes + UNTOUCHED_BYTES));
      if (limits.pids !== undefined) writeFileSync(join(group, limits.pids), String(MOST_PROCESSES));
    } catch (error) {
      rmdirSync(group);
      throw error;
    }
    return group;
  });
}

/** How many processes of these groups the system has ended for want of memory. */
export function killsInGroups(groups: readonly string[]): number {
  const texts = groups.flatMap((group) =>
    ["memory.events", "memory.oom_control"].map((name) => textOf(join(group, name))),
  );
  return texts.reduce((sum, text) => sum + Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0), 0);
}

const JOINED = `while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 125; shift; done; shift; exec "$@"`;

/** The same process, in these groups from its beginning. */
export function inGroups({ command, args }: ProcessStart, groups: readonly string[]): ProcessStart {
  if (groups.length === 0) return { command, args };
  return { command: "/bin/sh", args: ["-c", JOINED, "sh", ...groups, "--", command, ...args] };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
