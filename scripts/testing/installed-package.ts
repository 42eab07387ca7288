/** The package as a user has it: built, packed, and installed by npm into an empty folder outside the repository. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Ended } from "./run-command.ts";

const ROOT = join(import.meta.dirname, "../..");
/** npm's words for a registry that does not answer. */
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/;

/** A folder of a user that has the package installed. */
export class InstalledPackage {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Installs it, or says why that cannot be done here: no registry for what it depends on.
   * @throws Error where it does not build, pack or install for any other reason
   */
  static install(): InstalledPackage | { readonly unavailable: string } {
    const folder = mkdtempSync(join(tmpdir(), "benchconv-installed-"));
    const installed = new InstalledPackage(join(folder, "user"));
    const packed = join(folder, "packed");
    for (const path of [installed.folder, packed]) mkdirSync(path);
    const built = join(folder, "built");
    succeed(run(process.execPath, [join(ROOT, "scripts/build.ts"), "--out", built], folder));
    succeed(run("npm", ["pack", built, "--pack-destination", packed], folder));
    installed.write({ "package.json": '{ "name": "user", "private": true, "type": "module" }\n' });
    const options = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    const tarballs = readdirSync(packed).map((name) => join(packed, name));
    const ended = run("npm", ["install", ...tarballs, ...options], installed.folder);
    if (ended.status !== 0 && OFFLINE.test(ended.stderr)) {
      installed.remove();
      return { unavailable: `npm reaches no registry: ${ended.stderr.split("\n")[0] ?? ""}` };
    }
    succeed(ended);
    return installed;
  }

  /** Puts files into the user's folder. */
  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, name), text);
  }

  /** Links a package that the repository has: one that a user installs beside ours. */
  link(name: string): void {
    const target = join(this.folder, "node_modules", name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), target);
  }

  /** Runs the command as `npx` does: by its link in node_modules/.bin. */
  benchconv(args: readonly string[], env: NodeJS.ProcessEnv = {}): Ended {
    return run(join(this.folder, "node_modules/.bin/benchconv"), args, this.folder, env);
  }

  /** Runs a script of a linked package. */
  node(script: string, args: readonly string[]): Ended {
    return run(process.execPath, [join(this.folder, "node_modules", script), ...args], this.folder);
  }

  remove(): void {
    rmSync(dirname(this.folder), { recursive: true, force: true });
  }
}

function succeed({ status, stdout, stderr }: Ended): void {
  if (status !== 0) throw new Error(`status ${status}: ${stderr}${stdout}`);
}

/** As in another project: not below an npm script of ours, not inside a test, and on the Node that runs the tests. */
function run(command: string, args: readonly string[], cwd: string, more: NodeJS.ProcessEnv = {}): Ended {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|VITEST|NODE_OPTIONS$)/i.test(name));
  const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  const env = { ...Object.fromEntries(kept), PATH: path, NO_COLOR: "1", ...more };
  const { status, stdout, stderr, error } = spawnSync(command, [...args], { cwd, env, encoding: "utf8" });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}
