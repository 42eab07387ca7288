import { plainText } from "../../../core/plain-text.ts";
import type { Environment } from "../../../core/record.ts";
import { UsageError } from "../../../core/usage-error.ts";

/** Operating system and firmware reserve a varying share of the memory; a machine of another size differs by more. */
const MEMORY_GRAIN = 0.1;

interface Trait {
  readonly name: string;
  readonly of: (environment: Environment) => string;
}

/** What its user calls it, where both have a name. */
const NAME: Trait = { name: "machine", of: ({ machine }) => machine ?? "" };

/** What times depend on and an update of the system leaves as it is. */
const TRAITS: readonly Trait[] = [
  { name: "cpu", of: ({ cpu }) => cpu },
  { name: "cores", of: ({ cores }) => String(cores) },
  { name: "os", of: ({ os }) => systemOf(os) },
  { name: "node", of: ({ node }) => node.split(".")[0] ?? node },
  { name: "browser", of: ({ browser }) => browser?.replace(/(\d+)[\d.]*/, "$1") ?? "none" },
];

/** One sentence for each trait in which two machines differ: `cores 2 there, 4 here`. */
export function machineDifferences(there: Environment, here: Environment): readonly string[] {
  const isNamed = there.machine !== undefined && here.machine !== undefined;
  const traits = [...(isNamed ? [NAME] : []), ...TRAITS]
    .filter(({ of }) => of(there) !== of(here))
    .map(({ name, of }) => `${name} ${plainText(of(there))} there, ${plainText(of(here))} here`);
  const memory = Math.abs(there.memoryBytes / here.memoryBytes - 1);
  if (!(memory > MEMORY_GRAIN)) return traits;
  return [...traits, `memory ${gibibytes(there.memoryBytes)} there, ${gibibytes(here.memoryBytes)} here`];
}

/**
 * @param what is to be done, such as `compare with`
 * @throws UsageError, naming what differs, unless both records are of the same machine
 */
export function assertSameMachine(there: Environment, here: Environment, what: string): void {
  const differences = machineDifferences(there, here);
  if (differences.length === 0) return;
  throw new UsageError(
    `the record to ${what} is of another machine: ${differences.join("; ")}; --force does it all the same`,
  );
}

/** A machine in words, equal for machines that do not differ in a trait. */
export function machineName(environment: Environment): string {
  const { browser } = environment;
  const traits = TRAITS.filter(({ name }) => name !== "browser" || browser !== undefined);
  return traits.map(({ name, of }) => `${name} ${plainText(of(environment))}`).join(", ");
}

/** `linux 6.1.0-18 x64` is linux on x64 whatever the kernel's release. */
function systemOf(os: string): string {
  const words = os.split(" ");
  return words.length < 3 ? os : `${words[0]} ${words.at(-1)}`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
