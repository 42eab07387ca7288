import { ImplementationProcess } from "../../harness/runner/process.ts";
import { findImplementations } from "../../harness/runner/discovery.ts";
import { environment } from "../../harness/runner/machine.ts";
import type { CheckEntry } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { issueText } from "../../harness/verify/issue-text.ts";
import { Runner } from "../../harness/verify/runner.ts";
import { checkDefect, defectsOf, reproductionsOf } from "../../harness/verify/expected-failures.ts";
import { EXPECTED_FAILURES } from "../../suites/expected-failures/index.ts";
import { LAYER_FAILURES, layerIssueText } from "../../suites/expected-failures/layer-failures.ts";
import { EXIT } from "../cli/main.ts";
import { oneOf } from "../cli/options.ts";
import { isBad } from "./judge.ts";

/** Exit status 0 when the defect shows in every implementation of its entry that is here; of a layer's defect, the text with the script that shows it. */
export async function showDefect(id: string, threads: number): Promise<number> {
  const known = oneOf(
    "known defect",
    id,
    [...EXPECTED_FAILURES, ...LAYER_FAILURES].map((defect) => defect.id),
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
