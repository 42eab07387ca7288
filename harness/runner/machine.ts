/** The machine that the harness runs on: what the record says of it, how loaded it is, and the memory that is left. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, freemem, loadavg, platform, release, totalmem } from "node:os";
import { userPath } from "../../core/paths.ts";
import type { Environment } from "../../core/record.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { sandboxEntry } from "./sandbox/walls.ts";

const GIT_LIMIT_MS = 2_000;

interface EnvironmentOptions {
  readonly machine?: string | undefined;
  readonly sandbox?: Sandbox | undefined;
}

/**
 * The machine and the engine that this process runs on, and what implementations are kept from; `machine` is what its
 * user calls it.
 */
export function environment({ machine, sandbox }: EnvironmentOptions = {}): Environment {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const version =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "unknown";
  return {
    startedAt: new Date().toISOString(),
    ...(machine === undefined ? {} : { machine }),
    benchconv: version,
    node: process.versions.node,
    v8: process.versions.v8,
    os: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    ...repositoryState(),
    loadAverage: loadavg()[0] ?? 0,
    ...(sandbox === undefined ? {} : { sandbox: sandboxEntry(sandbox.tool) }),
  };
}

/** The commit of the repository where the user is, and whether tracked files differ from it; nothing without Git. */
function repositoryState(): Pick<Environment, "commit" | "hasChanges"> {
  const git = (...args: readonly string[]): string | undefined => {
    const { status, stdout } = spawnSync("git", args, { cwd: userPath("."), encoding: "utf8", timeout: GIT_LIMIT_MS });
    return status === 0 ? stdout.trim() : undefined;
  };
  const commit = git("rev-parse", "--short=12", "HEAD");
  if (commit === undefined || !/^[0-9a-f]+$/.test(commit)) return {};
  const changes = git("status", "--porcelain", "--untracked-files=no");
  return { commit, ...(changes === undefined ? {} : { hasChanges: changes !== "" }) };
}

/** However loaded the machine is, a limit is stretched at most this many times. */
const LARGEST_LOAD_FACTOR = 20;

/**
 * How many times longer than alone a process may take on this machine now: with R runnable processes for each core it
 * gets 1/R of one. At least 1; 1 where the system does not tell (Windows).
 */
export function loadFactor(load = recentLoad(), cores = coresOfMachine()): number {
  return Math.min(LARGEST_LOAD_FACTOR, Math.max(1, load / cores));
}

/** The system takes the average every few seconds; to ask for it, or for the cores, takes longer than a small call. */
const LOAD_LASTS_MS = 1_000;
let latest: { readonly load: number; readonly until: number } | undefined;
let knownCores: number | undefined;

function recentLoad(): number {
  const now = performance.now();
  if (latest === undefined || now > latest.until) latest = { load: loadavg()[0] ?? 0, until: now + LOAD_LASTS_MS };
  return latest.load;
}

function coresOfMachine(): number {
  return (knownCores ??= availableParallelism());
}

/** Where a control group tells what its memory holds: version 2, version 1. */
const MEMORY_STATISTICS = ["/sys/fs/cgroup/memory.stat", "/sys/fs/cgroup/memory/memory.stat"];

/**
 * How many bytes this process can still take. Node counts cached files of a container against its limit, though the
 * kernel gives them up when memory is asked for: those not in use are added again, as `docker stats` does.
 */
export function availableBytes(): number {
  return Math.min(freemem(), process.availableMemory() + idleFileBytes(MEMORY_STATISTICS));
}

/** Bytes of cached files that are not in use, from the first of the files that can be read; 0 where none can. */
export function idleFileBytes(statistics: readonly string[]): number {
  for (const path of statistics) {
    try {
      const [, bytes] = /^(?:total_)?inactive_file (\d+)$/m.exec(readFileSync(path, "utf8")) ?? [];
      if (bytes !== undefined) return Number(bytes);
    } catch {
      // Another version, or another system.
    }
  }
  return 0;
}
