import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

/** What the system says of the processor; undefined where it does not say. */
export interface Processor {
  /** Names of instruction sets, as /proc/cpuinfo has them. */
  readonly flags: ReadonlySet<string> | undefined;
  /** The highest clock that is stated of any core, in GHz: in a virtual machine the nominal one, without turbo. */
  readonly nominalGHz: number | undefined;
  /** The highest clock that the frequency driver would set, in GHz. */
  readonly driverMaxGHz: number | undefined;
  /** Logical processors that a process may be given. */
  readonly logicalCores: number;
  readonly lastLevelCacheBytes: number | undefined;
}

const CPU_FOLDER = "/sys/devices/system/cpu";

/** Reads /proc and /sys on Linux; elsewhere Node's own figures alone. */
export function readProcessor(): Processor {
  const cpuInfo = textOf("/proc/cpuinfo") ?? "";
  const clocks = [...cpus().map(({ speed }) => speed / 1000), ...statedGHz(cpuInfo)].filter((clock) => clock > 0);
  const driver = cpuFolders()
    .map((folder) => Number(textOf(`${folder}/cpufreq/cpuinfo_max_freq`) ?? 0) / 1e6)
    .filter((clock) => clock > 0);
  return {
    flags: instructionSets(cpuInfo),
    nominalGHz: highest(clocks),
    driverMaxGHz: highest(driver),
    logicalCores: allowedCores(textOf("/proc/self/status") ?? "") ?? Math.max(1, cpus().length),
    lastLevelCacheBytes: lastLevelCache(),
  };
}

/** x86 writes `flags`, Arm `Features`. */
export function instructionSets(cpuInfo: string): ReadonlySet<string> | undefined {
  const line = /^(?:flags|Features)\s*: *(.*)$/m.exec(cpuInfo)?.[1];
  return line === undefined ? undefined : new Set(line.trim().split(/\s+/));
}

/**
 * The clocks in GHz in the text of /proc/cpuinfo: each core's present one, and the one in a model name such as
 * `… CPU @ 2.50GHz`.
 */
export function statedGHz(cpuInfo: string): number[] {
  const present = [...cpuInfo.matchAll(/^cpu MHz\s*: *([\d.]+)$/gm)].map(([, megahertz]) => Number(megahertz) / 1000);
  const named = [...cpuInfo.matchAll(/^model name\s*:.*@ *([\d.]+) *GHz/gm)].map(([, gigahertz]) => Number(gigahertz));
  return [...present, ...named];
}

/**
 * How many logical processors the affinity in the text of /proc/self/status allows. A quota of processor time (a
 * container's) does not count: within its period of some 100 ms all processors may run.
 */
export function allowedCores(status: string): number | undefined {
  const list = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(status)?.[1];
  return list?.split(",").reduce((sum, range) => {
    const [first = NaN, last = first] = range.split("-").map(Number);
    return sum + last - first + 1;
  }, 0);
}

/** The size of a cache in bytes as /sys writes it: `36608K`, `32M`. */
export function cacheBytes(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)([KMG]?)$/.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  return (
    Number(digits) *
    { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[unit === "K" || unit === "M" || unit === "G" ? unit : ""]
  );
}

/** The data cache of the highest level of the first core, whole, whoever shares it. */
function lastLevelCache(): number | undefined {
  const root = `${CPU_FOLDER}/cpu0/cache`;
  const caches = namesIn(root)
    .filter((name) => /^index\d+$/.test(name) && textOf(`${root}/${name}/type`)?.trim() !== "Instruction")
    .map((name) => ({
      level: Number(textOf(`${root}/${name}/level`) ?? 0),
      bytes: cacheBytes(textOf(`${root}/${name}/size`) ?? ""),
    }));
  return caches.sort((a, b) => b.level - a.level).find(({ bytes }) => bytes !== undefined)?.bytes;
}

function cpuFolders(): string[] {
  return namesIn(CPU_FOLDER)
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => `${CPU_FOLDER}/${name}`);
}

function highest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((most, value) => Math.max(most, value));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not Linux, or hidden
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined; // not Linux, or hidden
  }
}
