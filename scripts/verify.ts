import { watch } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { assertWritable, assertWritableFolder } from "../core/atomic-file.ts";
import { findImplementations, type Implementation } from "../harness/runner/discovery.ts";
import { userPath } from "../core/paths.ts";
import { LAWS } from "../suites/laws/index.ts";
import { interruptSignal, listImplementations } from "./cli/common-options.ts";
import { EXIT, main } from "./cli/main.ts";
import { helpText, parseOptions } from "./cli/options.ts";
import { OPTIONS, USAGE, verifyOptions } from "./verify/options.ts";
import { selfTest } from "./verify/self-test.ts";
import { verify } from "./verify/judge.ts";
import { showDefect } from "./verify/defect.ts";
import { inspect } from "./verify/inspect.ts";
import { networkGradients } from "./verify/network-gradients.ts";
import { onnxTests } from "./verify/onnx-tests.ts";

await main(async () => {
  const parsed = parseOptions(OPTIONS, process.argv.slice(2));
  if (parsed.has("help")) {
    process.stdout.write(helpText(USAGE, OPTIONS));
    return EXIT.ok;
  }
  if (parsed.has("self-test")) return selfTest(parsed);
  if (parsed.has("network-gradients")) return networkGradients(parsed);
  const onnxFolder = parsed.text("onnx-tests");
  if (onnxFolder !== undefined) return onnxTests(onnxFolder, parsed);
  const options = verifyOptions(parsed);
  const defect = parsed.text("defect");
  if (defect !== undefined) return showDefect(defect, options.threads);
  const json = parsed.text("json");
  if (json !== undefined && json !== "-") assertWritable(userPath(json));
  if (options.npyFolder !== undefined) assertWritableFolder(options.npyFolder);
  const implementations = await findImplementations(parsed.list("impl"), { variants: true });
  if (parsed.has("list")) {
    process.stdout.write(listImplementations(implementations));
    process.stdout.write(
      `\nlaws\n${LAWS.map((law) => `${law.name}: ${law.statement} (${law.passes.join(", ")})\n`).join("")}`,
    );
    return EXIT.ok;
  }
  if (parsed.has("inspect")) return inspect(implementations, options);
  const interrupted = interruptSignal();
  const status = await verify(implementations, options, json, interrupted);
  if (!parsed.has("watch")) return status;
  while (!interrupted.aborted) {
    await pluginChange(implementations, interrupted);
    if (!interrupted.aborted)
      await verify(await findImplementations(parsed.list("impl"), { variants: true }), options, json, interrupted);
  }
  return EXIT.interrupted;
});

/** Resolves when a file beside one of the plugins changes. */
function pluginChange(implementations: readonly Implementation[], interrupted: AbortSignal): Promise<void> {
  process.stderr.write("waiting for a change; Ctrl-C ends\n");
  return new Promise((resolve) => {
    const folders = new Set(implementations.map(({ url }) => dirname(fileURLToPath(url))));
    const watchers = [...folders].map((folder) => watch(folder, () => finish()));
    const finish = (): void => {
      for (const watcher of watchers) watcher.close();
      resolve();
    };
    interrupted.addEventListener("abort", finish, { once: true });
  });
}
