import { availableParallelism } from "node:os";
import { assertWritable, writeAtomically } from "../core/atomic-file.ts";
import { commandLine } from "../core/command-line.ts";
import type { Identification } from "../core/identification.ts";
import { userPath } from "../core/paths.ts";
import { plainText } from "../core/plain-text.ts";
import { UsageError } from "../core/usage-error.ts";
import { compare } from "../harness/identify/compare.ts";
import { identify, nameOf, type IdentifyOptions } from "../harness/identify/run.ts";
import { findImplementations, inProcess, type Implementation } from "../harness/runner/discovery.ts";
import { renderIdentificationMarkdown } from "../reports/identification-markdown.ts";
import { renderIdentificationPage } from "../reports/identification-page.ts";
import { renderComparison, renderIdentification } from "../reports/identification.ts";
import { textOptions } from "../reports/text-table.ts";
import { interruptSignal, threadsOf } from "./cli/common-options.ts";
import { EXIT, main } from "./cli/main.ts";
import { refuseBeside, type ParsedOptions } from "./cli/options.ts";
import { ProgressLines } from "./cli/progress.ts";
import { sandboxOf } from "./cli/sandbox.ts";
import { OPTIONS, USAGE, problemsOf, switchesMsOf } from "./identify/options.ts";
import { readIdentifications } from "./identify/read.ts";

await main({ usage: USAGE, options: OPTIONS, takesWords: true }, async (parsed) =>
  parsed.words.length > 0 ? compareFiles(parsed) : identifyAll(parsed),
);

/** Names what changed between two files of `--json`. */
function compareFiles({ words }: ParsedOptions): number {
  const [first, second, ...others] = words;
  if (first === undefined || second === undefined || others.length > 0)
    throw new UsageError(
      `two files are compared, got ${words.length}: ${commandLine("identify", ["A.json", "B.json"])}`,
    );
  const [before, after] = [readIdentifications(userPath(first)), readIdentifications(userPath(second))];
  const names = before.map(({ impl, pass }) => `${impl} (${pass})`);
  // Two files of one implementation each are two versions, whatever these are called.
  const pairs = after.flatMap((found): (readonly [Identification, Identification])[] => {
    const earlier =
      before.length === 1 && after.length === 1 && before[0]?.pass === found.pass
        ? before[0]
        : before.find(({ impl, pass }) => impl === found.impl && pass === found.pass);
    return earlier === undefined ? [] : [[earlier, found]];
  });
  if (pairs.length === 0)
    throw new UsageError(
      `${plainText(second)} has no implementation of ${plainText(first)}: ${plainText(names.join(", "))}`,
    );
  const options = textOptions(process.stdout);
  process.stdout.write(pairs.map((pair) => renderComparison(pair, compare(...pair), options)).join("\n"));
  return EXIT.ok;
}

async function identifyAll(parsed: ParsedOptions): Promise<number> {
  refuseBeside(parsed, "problem", ["suite", "layer", "mb"]);
  const [json, html, markdown] = ["json", "html", "markdown"].map((name) => parsed.text(name));
  if (parsed.text("impl") === undefined)
    throw new UsageError(`an implementation is missing: ${commandLine("identify", ["--impl", "A"])}`);
  const threads = threadsOf(parsed);
  const cores = availableParallelism();
  const sandbox = sandboxOf(parsed);
  const options: Omit<IdentifyOptions, "pass"> = {
    problems: problemsOf(parsed),
    threads,
    manyThreads: cores > threads ? cores : undefined,
    switchesMs: switchesMsOf(parsed),
    ...(sandbox === undefined ? {} : { sandbox }),
  };
  for (const file of [json, html, markdown]) if (file !== undefined && file !== "-") assertWritable(userPath(file));
  const implementations = await findImplementations(parsed.list("impl"), {
    describe: (url) => inProcess(url, sandbox),
  });
  const interrupted = interruptSignal();
  const found: Identification[] = [];
  const passes = parsed.passes(["forward"]);
  for (const implementation of implementations) {
    if (!isAvailable(implementation)) continue;
    for (const pass of passes) {
      if (interrupted.aborted) break;
      const one = await identifyOne(implementation, { ...options, pass }, interrupted);
      found.push(one);
      if (json === "-") continue;
      process.stdout.write(`${found.length > 1 ? "\n" : ""}${renderIdentification(one, textOptions(process.stdout))}`);
    }
  }
  const text = `${JSON.stringify(found.length === 1 ? found[0] : found, undefined, 2)}\n`;
  if (json === "-") process.stdout.write(text);
  else if (json !== undefined) writeAtomically(userPath(json), text);
  if (html !== undefined) writeAtomically(userPath(html), renderIdentificationPage(found));
  if (markdown !== undefined) writeAtomically(userPath(markdown), renderIdentificationMarkdown(found));
  if (interrupted.aborted) return EXIT.interrupted;
  return found.length < passes.length * implementations.length ? EXIT.failed : EXIT.ok;
}

/** Where it is not available, says so. */
function isAvailable({ name, description: { unavailable } }: Implementation): boolean {
  if (unavailable === undefined) return true;
  process.stderr.write(`${plainText(name)} is unavailable: ${plainText(unavailable)}\n`);
  return false;
}

async function identifyOne(
  implementation: Implementation,
  options: IdentifyOptions,
  interrupted: AbortSignal,
): Promise<Identification> {
  const name = plainText(implementation.name);
  const progress = new ProgressLines();
  try {
    return await identify(
      implementation,
      options,
      {
        onProblem: (problem) => progress.heartbeat(name, `${name}: ${plainText(nameOf(problem))}`),
        onSwitches: (probes) => progress.heartbeat(name, `${name}: where it switches, ${probes} probes`),
      },
      interrupted,
    );
  } finally {
    progress.clear();
  }
}
