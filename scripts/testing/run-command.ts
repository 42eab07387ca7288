import { spawn } from "node:child_process";
import { join } from "node:path";

/** How a command ended and what it printed. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of ours as it is run without npm, from a folder; `env` is added to the environment. */
export function runCommand(
  script: string,
  args: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return run(script, args, folder, { ...withoutNpm(), ...env });
}

/** Runs a command as `npm run` does when it is typed in a folder: in the repository's root, the folder in INIT_CWD. */
export function runByNpm(script: string, args: readonly string[], folder: string): Promise<Ended> {
  const env = { ...withoutNpm(), INIT_CWD: folder, npm_lifecycle_event: script, npm_package_name: "benchconv" };
  return run(script, args, join(import.meta.dirname, "../.."), env);
}

/** The words of a command line as a POSIX shell splits them: by white space, with single quotes and `\'`. */
export function shellWords(line: string): string[] {
  return (line.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? []).map((word) => word.replaceAll(/'([^']*)'|\\(.)/g, "$1$2"));
}

function run(script: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, `../${script}.ts`), ...args], { cwd, env });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

function withoutNpm(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|VITEST|NODE_OPTIONS$)/.test(name)),
  );
}
