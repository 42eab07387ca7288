import { ContenderProcess } from "../../harness/contender/process.ts";
import { findContenders } from "../../harness/discovery.ts";
import { environment } from "../../harness/environment.ts";
import type { CheckEntry } from "../../harness/record.ts";
import { UsageError } from "../../harness/usage-error.ts";
import { issueText } from "../../harness/verify/defect-issue.ts";
import { ContenderSession } from "../../harness/verify/session.ts";
import { checkDefect, defectsOf, reproductionsOf } from "../../harness/verify/known-defects.ts";
import { KNOWN_DEFECTS } from "../../suites/known-defects/index.ts";
import { LAYER_DEFECTS, layerIssueText } from "../../suites/known-defects/layer-defects.ts";
import { EXIT } from "../cli/main.ts";
import { oneOf } from "../cli/options.ts";
import { isBad } from "./judge.ts";

/** Exit status 0 when the defect shows in every contender of its entry that is here; of a layer's defect, the text with the script that shows it. */
export async function showDefect(id: string, threads: number): Promise<number> {
  const known = oneOf(
    "known defect",
    id,
    [...KNOWN_DEFECTS, ...LAYER_DEFECTS].map((defect) => defect.id),
  );
  const layerDefect = LAYER_DEFECTS.find((entry) => entry.id === known);
  if (layerDefect !== undefined) {
    process.stdout.write(layerIssueText(layerDefect));
    return EXIT.ok;
  }
  const defect = KNOWN_DEFECTS.find((entry) => entry.id === known)!;
  const contenders = await findContenders(Object.keys(defect.contenders));
  const present = contenders.filter(
    (contender) => contender.description.unavailable === undefined && defectsOf(contender).includes(defect),
  );
  if (present.length === 0)
    throw new UsageError(
      `no version that ${known} speaks of is installed: ${defect.packageName} ${defect.versions.join(", ")}`,
    );
  const entries: CheckEntry[] = [];
  for (const contender of present) {
    const session = new ContenderSession(
      contender.description,
      threads,
      10_000,
      () => new ContenderProcess(contender.url, threads),
    );
    for (const { reproduction } of reproductionsOf(contender, [defect])) {
      entries.push(await checkDefect(session, contender, defect, reproduction));
    }
    await session.stop();
  }
  process.stdout.write(issueText(defect, entries, environment(), present[0]!.description.version ?? ""));
  return entries.some(isBad) ? EXIT.failed : EXIT.ok;
}
