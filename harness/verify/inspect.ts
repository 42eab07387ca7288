import { InProcessChannel } from "../contender/in-process.ts";
import type { Contender } from "../discovery.ts";
import type { Verdict } from "../judge/index.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { ContenderSession } from "./session.ts";

/**
 * One case in this very process, without a watchdog, so that a debugger stops in the plugin's code.
 * @throws NotSupported when the contender does not do the problem; ContenderFailure when it throws.
 */
export async function inspectCase(
  contender: Contender,
  law: Law,
  convCase: ConvCase,
  threads: number,
): Promise<Verdict> {
  const start = (): InProcessChannel => new InProcessChannel(contender.url);
  return law.check(new ContenderSession(contender.description, threads, Infinity, start), convCase);
}
