import { alexnet, alexnetGrouped } from "./alexnet.ts";
import type { Suite } from "./suite.ts";

/** Every suite that `--suite` knows by name. */
export const SUITES: readonly Suite[] = [alexnet, alexnetGrouped];

/** The suite of that name, or undefined. */
export function findSuite(name: string): Suite | undefined {
  return SUITES.find((suite) => suite.name === name);
}
