import { InProcessChannel } from "../runner/in-process.ts";
import type { Implementation } from "../runner/discovery.ts";
import type { Verdict } from "../check/convolution-check.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { ImplementationSession } from "./session.ts";

/**
 * One case in this very process, without a watchdog, so that a debugger stops in the plugin's code.
 * @throws NotSupported when the implementation does not do the problem; ImplementationFailure when it throws.
 */
export async function inspectCase(
  implementation: Implementation,
  law: Law,
  convCase: ConvCase,
  threads: number,
): Promise<Verdict> {
  const start = (): InProcessChannel => new InProcessChannel(implementation.url);
  return law.check(new ImplementationSession(implementation.description, threads, Infinity, start), convCase);
}
