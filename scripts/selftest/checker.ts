import { isAsItShould, runSelfTest, type SelfTestOptions } from "../../harness/verify/self-test/run.ts";
import { renderSelfTest } from "../../reports/self-test.ts";
import { textOptions } from "../../reports/text-table.ts";
import { interruptSignal, seedOf } from "../cli/common-options.ts";
import { EXIT } from "../cli/main.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { ProgressLines } from "../cli/progress.ts";

/** For each mutant and each correct implementation, unless --time says otherwise. */
const MUTANT_SECONDS = 20;
const CORRECT_SECONDS = 10;

/** Tests the checker; gives the exit status. */
export async function testChecker(parsed: ParsedOptions): Promise<number> {
  const seconds = parsed.number("time", { min: 0.1, max: 86_400, integer: false });
  const seed = seedOf(parsed);
  const seeds = parsed.number("seeds", { min: 1, max: 1000, integer: true }) ?? 1;
  const drawn = parsed.number("draw", { min: 1, max: 10_000, integer: true });
  const progress = new ProgressLines();
  const interrupted = interruptSignal();
  const options: SelfTestOptions = {
    seeds: Array.from({ length: seeds }, (_, i) => seed + i),
    names: parsed.list("impl"),
    kinds: parsed.has("correct") ? ["correct"] : parsed.list("kind"),
    ...(drawn === undefined ? {} : { drawn }),
    faultSeconds: seconds ?? MUTANT_SECONDS,
    correctSeconds: seconds ?? CORRECT_SECONDS,
    onResult: (result, done, total) => progress.update("self-test", `${done} of ${total}: ${result.name}`),
  };
  const results = await runSelfTest(options, interrupted);
  progress.clear();
  process.stdout.write(renderSelfTest(results, textOptions(process.stdout)));
  if (interrupted.aborted) return EXIT.interrupted;
  return results.every(isAsItShould) ? EXIT.ok : EXIT.failed;
}
