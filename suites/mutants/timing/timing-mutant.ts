import type { Impl, Plan } from "../../../core/plugin.ts";
import type { ConvProblem } from "../../../core/problem.ts";
import type { Tensors } from "../../../core/tensors.ts";
import { convolve, outputElements, unsupported } from "./kernel.ts";

/** An implementation whose results are right wherever they are looked at, and whose time may not be that of the work. */
export interface TimingMutant {
  readonly impl: Impl;
  /** What it does, in a line. */
  readonly description: string;
  /** Unusual, but its time is that of the work: it must not be accused. */
  readonly isHonest: boolean;
}

/** What a plan of the catalogue is made of. */
export interface Work {
  readonly problem: ConvProblem;
  /** The operands of the last load. */
  operands: Tensors;
  readonly y: Float32Array;
  /** Computes output channels `from` up to `to` into `y`. */
  readonly compute: (from?: number, to?: number) => void;
}

/** The steps of a plan; `load` keeps the operands and `read` copies y unless they are given. */
export interface Steps {
  readonly load?: (changed: readonly string[] | undefined) => void | Promise<void>;
  readonly run: () => void | Promise<void>;
  /** Comes before y is copied. */
  readonly read?: () => void | Promise<void>;
  readonly dispose?: () => void;
  readonly deviceMs?: () => number;
}

function planOf(problem: ConvProblem, stepsOf: (work: Work) => Steps): Plan {
  const y = new Float32Array(outputElements(problem));
  const work: Work = {
    problem,
    operands: {},
    y,
    compute: (from, to) => convolve(problem, work.operands, y, from, to),
  };
  const { load, run, read, dispose, deviceMs } = stepsOf(work);
  return {
    load(operands, changed) {
      work.operands = operands;
      return load?.(changed);
    },
    run,
    async read(outputs) {
      await read?.();
      outputs.y?.set(y);
    },
    ...(dispose === undefined ? {} : { dispose }),
    ...(deviceMs === undefined ? {} : { deviceMs }),
  };
}

/** An implementation with plans. */
export function planned(name: string, description: string, steps: (work: Work) => Steps): TimingMutant {
  return { description, isHonest: false, impl: { name, unsupported, plan: (problem) => planOf(problem, steps) } };
}

/** An implementation of one function: `forward` is given what computes into an array. */
export function called(
  name: string,
  description: string,
  forward: (
    operands: Tensors & { readonly x: Float32Array },
    y: Float32Array,
    compute: (channels?: number, operands?: Tensors) => void,
    problem: ConvProblem,
  ) => void | Promise<void>,
): TimingMutant {
  return {
    description,
    isHonest: false,
    impl: {
      name,
      unsupported,
      forward(problem, x, weights, bias, y) {
        const operands = { x, weights, ...(bias === undefined ? {} : { bias }) };
        const compute = (channels?: number, given: Tensors = operands): void =>
          convolve(problem, given, y, 0, problem.outChannels, channels);
        return forward(operands, y, compute, problem);
      },
    },
  };
}

/** The same as one that must not be accused. */
export function honest(mutant: TimingMutant): TimingMutant {
  return { ...mutant, isHonest: true };
}
