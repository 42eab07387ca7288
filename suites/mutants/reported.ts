import { parseDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import type { DataKind } from "../data/operands.ts";
import { mutant, onlyWhere, type Mutant, type Mutation } from "./mutant.ts";

/** A defect as a public report describes it. */
interface Report {
  readonly name: string;
  /** The report's address. */
  readonly source: string;
  readonly passes: readonly [Pass, ...Pass[]];
  /** Where it is wrong, as the report says or as its fix shows. */
  readonly holds: (problem: ConvProblem) => boolean;
  /** The descriptor of a problem in which it is wrong: the report's own, or a smaller one of its kind. */
  readonly shows: string;
  /** Whether that problem has a bias. */
  readonly bias?: boolean;
  readonly data?: DataKind;
  readonly calls?: number;
  readonly mutation: Mutation;
}

/** A mutant that is right everywhere but where a public report says. */
export function reported({ name, source, passes, holds, shows, bias = false, data, calls, mutation }: Report): Mutant {
  return {
    ...mutant("reported", name, passes, onlyWhere(holds, mutation), { description: `after ${source}` }),
    source,
    where: {
      holds,
      shows: parseDescriptor(shows, bias).problem,
      pass: passes[0],
      ...(data === undefined ? {} : { data }),
      ...(calls === undefined ? {} : { calls }),
    },
  };
}

export const channelsPerGroup = ({ inChannels, groups }: ConvProblem): number => inChannels / groups;
export const filtersPerGroup = ({ outChannels, groups }: ConvProblem): number => outChannels / groups;
/** One channel in each of several groups. */
export const isDepthwise = (problem: ConvProblem): boolean => problem.groups > 1 && channelsPerGroup(problem) === 1;
export const isDense = ({ groups }: ConvProblem): boolean => groups === 1;
export const isPointwise = ({ kernel }: ConvProblem): boolean => kernel.every((extent) => extent === 1);
export const hasRank = ({ input }: ConvProblem, rank: number): boolean => input.length === rank;
export const isStrided = ({ stride }: ConvProblem): boolean => stride.some((step) => step > 1);
export const isPadded = ({ padBegin }: ConvProblem): boolean => padBegin.some((pad) => pad > 0);
export const hasKernel = ({ kernel }: ConvProblem, ...extents: readonly number[]): boolean =>
  kernel.length === extents.length && kernel.every((extent, axis) => extent === extents[axis]);
export const hasStrides = ({ stride }: ConvProblem, steps: number): boolean => stride.every((step) => step === steps);
export const planeSize = (problem: ConvProblem): number => elementCount(outputShape(problem));
