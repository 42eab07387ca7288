/**
 * A process that runs commands of ours one after the other, as if each had a process of its own: starting one costs more
 * than most calls. It gets a call, and answers how it ended and what it printed.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Call, Ended } from "./run-command.ts";

const environment = { ...process.env };
// Each command listens for signals, and for readers that have gone.
for (const emitter of [process, process.stdout, process.stderr]) emitter.setMaxListeners(0);
let calls = 0;
let previous = Promise.resolve();
process.on("message", (call: Call) => {
  previous = answerAfter(previous, call);
});
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

async function answerAfter(before: Promise<void>, call: Call): Promise<void> {
  await before;
  process.send?.(await ended(call));
}

async function ended({ script, args, folder, env }: Call): Promise<Ended> {
  const path = join(import.meta.dirname, `../${script}.ts`);
  process.argv = [process.execPath, path, ...args];
  process.env = { ...environment, ...env };
  process.chdir(folder);
  process.exitCode = undefined;
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    process[name].write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
      printed[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
      const isWritten = rest.find((argument) => typeof argument === "function");
      if (isWritten !== undefined) setImmediate(() => void Reflect.apply(isWritten, undefined, []));
      return true;
    };
  try {
    calls++;
    // A module of its own for each call: the command is its top level.
    await import(`${pathToFileURL(path).href}?call=${calls}`);
    return { status: Number(process.exitCode ?? 0), ...printed };
  } catch (error) {
    return { status: 1, ...printed, stderr: `${printed.stderr}${String(error)}` };
  }
}
