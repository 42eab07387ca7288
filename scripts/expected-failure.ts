import { commandLine } from "../core/command-line.ts";
import { plainText } from "../core/plain-text.ts";
import type { CheckEntry } from "../core/record.ts";
import { UsageError } from "../core/usage-error.ts";
import { findImplementations } from "../harness/runner/discovery.ts";
import { environment } from "../harness/runner/machine.ts";
import { ImplementationProcess } from "../harness/runner/process.ts";
import { isBad } from "../harness/verdicts.ts";
import { checkDefect, defectsOf, reproductionsOf } from "../harness/verify/expected-failures.ts";
import { issueText } from "../harness/verify/issue-text.ts";
import { Runner } from "../harness/verify/runner.ts";
import { EXPECTED_FAILURES } from "../suites/expected-failures/index.ts";
import { LAYER_FAILURES, layerIssueText } from "../suites/expected-failures/layer-failures.ts";
import { THREADS_OPTION, threadsOf } from "./cli/common-options.ts";
import { EXIT, main } from "./cli/main.ts";
import { oneOf } from "./cli/options.ts";

const ALL = [...EXPECTED_FAILURES, ...LAYER_FAILURES];
const USAGE = `${commandLine("expected-failure", ["[ID]"])} [options]
Reproduces one known defect of a library and prints an issue text for its maintainers, with a script that needs the
library alone. Exit status 1 when it does not show. Without an ID: the list.`;

await main({ usage: USAGE, options: { threads: THREADS_OPTION }, takesWords: true }, (parsed) => {
  const [id, ...others] = parsed.words;
  if (others.length > 0) throw new UsageError(`expected-failure takes one ID, got ${parsed.words.length}`);
  const threads = threadsOf(parsed);
  if (id !== undefined) return reproduce(id, threads);
  if (parsed.has("threads")) throw new UsageError("--threads goes with an ID");
  const width = Math.max(...ALL.map((one) => one.id.length));
  process.stdout.write(ALL.map((one) => `${one.id.padEnd(width)}  ${plainText(one.title)}\n`).join(""));
  return EXIT.ok;
});

/** Exit status 0 when the defect shows in every implementation of its entry that is installed; of a layer, its text. */
async function reproduce(id: string, threads: number): Promise<number> {
  const known = oneOf(
    "expected failure",
    id,
    ALL.map((defect) => defect.id),
  );
  const layerDefect = LAYER_FAILURES.find((entry) => entry.id === known);
  if (layerDefect !== undefined) {
    process.stdout.write(layerIssueText(layerDefect));
    return EXIT.ok;
  }
  const defect = EXPECTED_FAILURES.find((entry) => entry.id === known)!;
  const implementations = await findImplementations(Object.keys(defect.implementations));
  const present = implementations.filter(
    (implementation) =>
      implementation.description.unavailable === undefined && defectsOf(implementation).includes(defect),
  );
  if (present.length === 0)
    throw new UsageError(
      `no version that ${known} speaks of is installed: ${defect.packageName} ${defect.versions.join(", ")}`,
    );
  const entries: CheckEntry[] = [];
  for (const implementation of present) {
    const { description, url } = implementation;
    const runner = new Runner(description, threads, () => new ImplementationProcess(url, threads));
    for (const { reproduction } of reproductionsOf(implementation, [defect])) {
      entries.push(await checkDefect(runner, implementation, defect, reproduction));
    }
    await runner.stop();
  }
  process.stdout.write(issueText(defect, entries, environment(), present[0]!.description.version ?? ""));
  return entries.some(isBad) ? EXIT.failed : EXIT.ok;
}
