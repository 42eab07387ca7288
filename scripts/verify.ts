import { watch } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { assertWritable, assertWritableFolder } from "../core/atomic-file.ts";
import { findImplementations, inProcess, type Implementation } from "../harness/runner/discovery.ts";
import { SANITIZE } from "../core/command-line.ts";
import { userPath } from "../core/paths.ts";
import { LAWS } from "../suites/laws/index.ts";
import { truncate } from "../reports/text-table.ts";
import { interruptSignal } from "./cli/common-options.ts";
import { keepOf } from "./cli/kept-records.ts";
import { findToList, listColumns, listText } from "./cli/list.ts";
import { EXIT, main } from "./cli/main.ts";
import { refuseBeside } from "./cli/options.ts";
import { sandboxOf } from "./cli/sandbox.ts";
import { EXAMPLES, GROUPS } from "./verify/help.ts";
import { inspect } from "./verify/inspect.ts";
import { MOVED, OPTIONS, USAGE, verifyOptions } from "./verify/options.ts";
import { verify } from "./verify/run.ts";

await main(
  { usage: USAGE, options: OPTIONS, moved: MOVED, groups: GROUPS, examples: EXAMPLES, isConfigured: true },
  async (parsed) => {
    const asked = verifyOptions(parsed);
    const [layers, keep] = [parsed.has("layers"), keepOf(parsed)];
    const [json, junit, machine] = [parsed.text("json"), parsed.text("junit"), parsed.text("machine")];
    if (junit !== undefined) assertWritable(userPath(junit));
    if (json !== undefined && json !== "-") assertWritable(userPath(json));
    if (asked.npyFolder !== undefined) assertWritableFolder(asked.npyFolder);
    if (parsed.has("sanitize")) process.env[SANITIZE] = "1";
    refuseBeside(parsed, "inspect", ["sandbox"]);
    const sandbox = sandboxOf(parsed);
    const options = { ...asked, ...(sandbox === undefined ? {} : { sandbox }) };
    const finding = { variants: true, describe: (url: string) => inProcess(url, sandbox) };
    const find = (): Promise<readonly Implementation[]> => findImplementations(parsed.list("impl"), finding);
    if (parsed.has("list")) {
      const listed = await findToList(parsed, { variants: true, ...(sandbox === undefined ? {} : finding) });
      const columns = listColumns();
      const laws = LAWS.map((law) => `${law.name}: ${law.statement} (${law.passes.join(", ")})`);
      process.stdout.write(
        `${listText(listed, columns)}\nlaws\n${laws.map((law) => `${truncate(law, columns)}\n`).join("")}`,
      );
      return EXIT.ok;
    }
    const implementations = await find();
    if (parsed.has("inspect")) return inspect(implementations, options);
    const interrupted = interruptSignal();
    const status = await verify(implementations, options, { json, junit, machine, layers, keep }, interrupted);
    if (!parsed.has("watch")) return status;
    while (!interrupted.aborted) {
      await pluginChange(implementations, interrupted);
      if (!interrupted.aborted)
        await verify(await find(), options, { json, junit, machine, layers, keep }, interrupted);
    }
    return EXIT.interrupted;
  },
);

/** Resolves when a file beside one of the plugins changes. */
function pluginChange(implementations: readonly Implementation[], interrupted: AbortSignal): Promise<void> {
  process.stderr.write("waiting for a change; Ctrl-C ends\n");
  return new Promise((resolve) => {
    const files = implementations.filter(({ url }) => url.startsWith("file:"));
    const folders = new Set(files.map(({ url }) => dirname(fileURLToPath(url))));
    const watchers = [...folders].map((folder) => watch(folder, () => finish()));
    const finish = (): void => {
      for (const watcher of watchers) watcher.close();
      resolve();
    };
    interrupted.addEventListener("abort", finish, { once: true });
  });
}
