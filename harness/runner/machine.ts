/** The machine that the harness runs on: what the record says of it, how loaded it is, and the memory that is left. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, freemem, loadavg, platform, release, totalmem } from "node:os";
import { userPath } from "../../core/paths.ts";
import type { Environment } from "../../core/record.ts";
import { killsIn, limitOf, memoryGroups, roomOf } from "./control-group.ts";
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
    ...(memoryInAll() < totalmem() ? { memoryLimitBytes: memoryInAll() } : {}),
    ...repositoryState(),
    loadAverage: loadavg()[0] ?? 0,
    ...(sandbox === undefined ? {} : { sandbox: sandboxEntry(sandbox.tool) }),
  };
}

/** Where Linux has the devices that compute: DRM's render nodes, NVIDIA's driver, AMD's compute driver, WSL's. */
const GRAPHICS_DEVICES = [/^\/dev\/dri\/renderD\d+$/, /^\/dev\/(?:nvidia\d+|kfd|dxg|mali\d+)$/];

/** Whether this machine has a graphics device; true where the system does not tell (any but Linux). */
export function hasGraphicsDevice(devices = devicesOfLinux()): boolean {
  return devices?.some((path) => GRAPHICS_DEVICES.some((pattern) => pattern.test(path))) ?? true;
}

function devicesOfLinux(): readonly string[] | undefined {
  if (platform() !== "linux") return undefined;
  return ["/dev", "/dev/dri"].flatMap((folder) => {
    try {
      return readdirSync(folder).map((name) => `${folder}/${name}`);
    } catch {
      return [];
    }
  });
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

const groups = memoryGroups();

/** How many bytes this process, and what it starts, can still take: of the machine, and of its control group. */
export function availableBytes(): number {
  return Math.min(freemem(), roomOf(groups));
}

/** The memory that all processes here may have together: what the control group allows, at most the machine's. */
export function memoryInAll(): number {
  return Math.min(totalmem(), limitOf(groups));
}

/** How many processes the system has ended for want of memory; fewer are never told later. */
export function killsForMemory(): number {
  return killsIn(groups);
}
