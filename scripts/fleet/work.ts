import { hostname } from "node:os";
import { commandLine } from "../../core/command-line.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { selectorOf } from "../../harness/fleet/plugin-files.ts";
import { VerifyUnits } from "../../harness/fleet/verify-unit.ts";
import { work } from "../../harness/fleet/worker.ts";
import { environment } from "../../harness/runner/machine.ts";
import { findTool } from "../../harness/runner/sandbox/find-tool.ts";
import { sandboxEntry, sandboxText } from "../../harness/runner/sandbox/walls.ts";
import { interruptSignal } from "../cli/common-options.ts";
import { EXIT, main } from "../cli/main.ts";
import { benchRound } from "./bench-round.ts";
import { labelsOf } from "./labels.ts";
import { clientOf, SERVER_OPTIONS, TOKEN_TEXT } from "./server-options.ts";

const OPTIONS = {
  ...SERVER_OPTIONS,
  label: { value: "A,B", help: "what this machine is: it takes units with one of these (default any)" },
  name: { value: "NAME", help: "of this worker (default: the machine's, and the process's number)" },
  idle: { value: "SECONDS", help: "end when there was nothing to do for so long (default: go on until Ctrl-C)" },
  trust: { help: "run submitted plugins without the sandbox" },
} as const;

const USAGE = `${commandLine("fleet", ["work [options]"])}
Takes units of a server, does them, and hands in their results. It holds no state: kill it when you like.
Submitted plugins run in the sandbox. ${TOKEN_TEXT}`;

await main({ usage: USAGE, options: OPTIONS }, async (parsed) => {
  const client = clientOf(parsed);
  const labels = labelsOf(parsed, "label");
  const name = parsed.text("name") ?? `${hostname().replaceAll(/[^\w-]/g, "-")}-${process.pid}`;
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(name))
    throw new UsageError(`--name must be 1 to 64 letters, digits, dots and dashes, got "${plainText(name)}"`);
  const idleS = parsed.number("idle", { min: 0, max: 1e6, integer: false });
  const { tool } = findTool();
  const sandbox = parsed.has("trust") ? undefined : { tool, allowsAddons: false };
  process.stderr.write(
    sandbox === undefined
      ? "submitted plugins may do what you may: --trust\n"
      : `of submitted plugins: ${sandboxText(sandboxEntry(tool))}`,
  );
  const machine = environment();
  const { benchconv: version } = machine;
  const verifying = new Map(labels.map((label) => [label, new VerifyUnits({ ...machine, machine: label })]));
  const folder = userPath(".benchconv/fleet-plugins");
  const fetchFile = (hash: string): Promise<Uint8Array> => client.file(hash);
  const signal = interruptSignal();
  try {
    await work(client, {
      name,
      labels,
      idleMs: idleS === undefined ? Infinity : 1000 * idleS,
      signal,
      run: async (unit) => {
        if (unit.version !== version)
          throw new UsageError(`this worker is benchconv ${version}, the unit is for ${unit.version}`);
        if (unit.kind === "bench") {
          const selectors: string[] = [];
          for (const plugin of unit.plugins) selectors.push(await selectorOf(plugin, folder, fetchFile));
          const isOwn = unit.plugins.every(({ kind }) => kind === "own");
          return await benchRound(unit, selectors, isOwn ? undefined : sandbox, signal);
        }
        const selector = await selectorOf(unit.plugin, folder, fetchFile);
        const units = verifying.get(unit.label) ?? new VerifyUnits({ ...machine, machine: unit.label });
        return await units.run(unit, selector, unit.plugin.kind === "own" ? undefined : sandbox);
      },
      onUnit: (id, unit, outcome, elapsedMs) =>
        process.stderr.write(
          `${id.slice(0, 12)} ${unit.kind} ${plainText(outcome)} ${(elapsedMs / 1000).toFixed(2)} s\n`,
        ),
      onAway: (reason) => process.stderr.write(`${plainText(reason)}; it is asked again\n`),
    });
  } finally {
    await Promise.all([...verifying.values()].map((units) => units.stop()));
  }
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
});
