import { parseDescriptor, printDescriptor } from "../../core/descriptor.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import { FACTORS, type Factor } from "../problems/factors.ts";
import { EFFECTS, type Effect } from "./effects.ts";
import { mutant, onlyWhere, type Mutant } from "./mutant.ts";

/** A class of a factor of problems. */
export interface FactorClass {
  readonly factor: Factor;
  /** An index into the factor's classes. */
  readonly index: number;
}

/** What is wrong in one pass where a problem has all of some classes. */
export interface Conjunction {
  readonly pass: Pass;
  readonly effect: Effect;
  readonly classes: readonly FactorClass[];
  /** A problem of these classes in which the effect changes the output. */
  readonly shows: ConvProblem;
}

export function hasClasses(problem: ConvProblem, classes: readonly FactorClass[]): boolean {
  // The classes are of the problem alone: an implementation does not know the fill.
  return classes.every(({ factor, index }) => factor.classOf({ problem, data: "real" }) === index);
}

/** The mutant of a conjunction; its description says where it is wrong, and how. */
export function conjunctionMutant(name: string, conjunction: Conjunction): Mutant {
  const { pass, effect, classes, shows } = conjunction;
  const holds = (problem: ConvProblem): boolean => hasClasses(problem, classes);
  const description = `${effect.name} in ${pass} where ${printClasses(classes)}`;
  return {
    ...mutant("conjunction", name, [pass], onlyWhere(holds, effect.mutation()), { description }),
    where: {
      holds,
      shows,
      pass,
      ...(effect.data === undefined ? {} : { data: effect.data }),
      ...(effect.calls === undefined ? {} : { calls: effect.calls }),
    },
  };
}

const BETWEEN_CLASSES = " & ";
const WITH_BIAS = " with bias";

function printClasses(classes: readonly FactorClass[]): string {
  return classes.map(({ factor, index }) => `${factor.name}: ${factor.classes[index]}`).join(BETWEEN_CLASSES);
}

/** Three lines: pass and effect, the classes, the problem that shows it. */
export function printConjunction({ pass, effect, classes, shows }: Conjunction): string {
  return [
    `${pass}: ${effect.name}`,
    `  ${printClasses(classes)}`,
    `  ${printDescriptor(shows)}${shows.bias ? WITH_BIAS : ""}`,
  ].join("\n");
}

/**
 * The conjunctions of a text that {@link printConjunction} wrote.
 * @throws Error for a pass, an effect or a class that there is not
 */
export function parseConjunctions(text: string): readonly Conjunction[] {
  const lines = text.trim().split("\n");
  return Array.from({ length: Math.floor(lines.length / 3) }, (_, i) =>
    parseConjunction(lines.slice(3 * i, 3 * i + 3)),
  );
}

function parseConjunction([what = "", where = "", shows = ""]: readonly string[]): Conjunction {
  const [passName, effectName] = what.trim().split(": ");
  const pass = PASSES.find((name) => name === passName);
  const effect = EFFECTS.find(({ name }) => name === effectName);
  if (pass === undefined || effect === undefined) throw new Error(`no such pass or effect: ${what}`);
  const [descriptor = ""] = shows.trim().split(WITH_BIAS);
  const { problem } = parseDescriptor(descriptor, shows.endsWith(WITH_BIAS));
  return { pass, effect, classes: where.trim().split(BETWEEN_CLASSES).map(parseClass), shows: problem };
}

function parseClass(text: string): FactorClass {
  const [factorName, className = ""] = text.split(": ");
  const factor = FACTORS.find(({ name }) => name === factorName);
  const index = factor?.classes.indexOf(className) ?? -1;
  if (factor === undefined || index < 0) throw new Error(`no such class: ${text}`);
  return { factor, index };
}
