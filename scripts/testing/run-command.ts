import { fork, spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";

/** How a command ended and what it printed. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command, its arguments, the folder in which it is typed, and what is added to the environment. */
export interface Call {
  readonly script: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

let server: ChildProcess | undefined;
let previous: Promise<unknown> = Promise.resolve();

/**
 * Runs a command of ours as it is run without npm, from a folder; `env` is added to the environment. The commands of a
 * test file run one after the other in a process that they share (command-server.ts).
 */
export function runCommand(
  script: string,
  args: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const call: Call = { script, args, folder, env };
  const ended = previous.then(() => answerTo(call));
  previous = ended.catch(() => {});
  return ended;
}

function answerTo(call: Call): Promise<Ended> {
  server ??= fork(join(import.meta.dirname, "command-server.ts"), { env: withoutNpm(), execArgv: [] });
  const asked = server;
  return new Promise((resolve, reject) => {
    const onExit = (status: number | null): void => {
      server = undefined;
      reject(new Error(`the process of ${call.script} ${call.args.join(" ")} ended with ${status}`));
    };
    asked.once("exit", onExit);
    asked.once("message", (ended: Ended) => {
      asked.off("exit", onExit);
      resolve(ended);
    });
    asked.send(call);
  });
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
