import { NETWORKS } from "./networks/index.ts";
import { suiteOf } from "./networks/suite-of.ts";
import type { Suite } from "./suite.ts";

/** Every suite that `--suite` knows by name: the convolution and fully connected layers of the networks. */
export const SUITES: readonly Suite[] = NETWORKS.map(suiteOf);

/** The suite of that name, or undefined. */
export function findSuite(name: string): Suite | undefined {
  return SUITES.find((suite) => suite.name === name);
}
