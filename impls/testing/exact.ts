import { fromChannelsLast, toChannelsLast } from "../../core/layout.ts";
import type { PlanImpl, TensorName, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { operandNames, outputNames, shapeOf } from "../../core/tensors.ts";
import { backwardData, backwardWeights, forward } from "../../reference/index.ts";
import { elementCount } from "../../core/shape.ts";
import { tensor } from "../support/tensor.ts";

/** Outputs as plain numbers by name. */
export type Outputs = Readonly<Record<string, readonly number[]>>;

/**
 * Small integers other than zero, of which every sum is exact in float32, so that results are equal in any order of
 * summation.
 */
export function integerOperands(problem: ConvProblem, pass: Pass, seed = 1): Tensors {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const value = Math.floor((state / 2 ** 32) * 8) - 4;
    return value < 0 ? value : value + 1;
  };
  return Object.fromEntries(
    operandNames(problem, pass).map((name) => [
      name,
      Float32Array.from({ length: elementCount(shapeOf(problem, name)) }, next),
    ]),
  );
}

/**
 * The outputs of the second of two runs, after the plan was first loaded with other operands; or why the problem is
 * unsupported.
 */
export async function outputsOf(impl: PlanImpl, problem: ConvProblem, pass: Pass): Promise<Outputs | string> {
  return impl.unsupported?.(problem, pass) ?? numbers(await tensorsOf(impl, problem, pass));
}

/** The same as tensors N C spatial…, of a problem that is supported. */
export async function tensorsOf(impl: PlanImpl, problem: ConvProblem, pass: Pass, threads = 1): Promise<Tensors> {
  const isChannelsLast = impl.layout === "nhwc";
  const plan = await impl.plan(problem, pass, { threads });
  for (const seed of [2, 1]) {
    const operands = integerOperands(problem, pass, seed);
    await plan.load(
      isChannelsLast ? each(operands, (name, values) => toChannelsLast(problem, name, values)) : operands,
    );
    await plan.run();
    await plan.run();
  }
  const outputs = poisonedOutputs(problem, pass);
  await plan.read(outputs);
  await plan.dispose?.();
  return isChannelsLast ? each(outputs, (name, values) => fromChannelsLast(problem, name, values)) : outputs;
}

/** Outputs that are all NaN. */
export function poisonedOutputs(problem: ConvProblem, pass: Pass): Tensors {
  return Object.fromEntries(
    outputNames(problem, pass).map((name) => [name, new Float32Array(elementCount(shapeOf(problem, name))).fill(NaN)]),
  );
}

function each(tensors: Tensors, change: (name: TensorName, values: Float32Array) => Float32Array): Tensors {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const values = tensors[name];
      return values === undefined ? [] : [[name, change(name, values)]];
    }),
  );
}

const NAMES: readonly TensorName[] = ["x", "weights", "bias", "dy", "y", "dx", "dWeights", "dBias"];

/** The same outputs by the float64 reference. */
export function expectedOf(problem: ConvProblem, pass: Pass): Outputs {
  const operands = integerOperands(problem, pass);
  const of = (name: "x" | "weights" | "dy"): Float32Array => tensor(operands, name);
  switch (pass) {
    case "forward":
      return numbers({ y: forward(problem, { x: of("x"), weights: of("weights"), bias: operands.bias }) });
    case "backwardData":
      return numbers({ dx: backwardData(problem, { dy: of("dy"), weights: of("weights") }) });
    case "backwardWeights": {
      const gradients: Record<string, Float64Array> = { ...backwardWeights(problem, { x: of("x"), dy: of("dy") }) };
      return numbers(Object.fromEntries(outputNames(problem, pass).map((name) => [name, gradients[name]!])));
    }
  }
}

/** −0 counts as 0. */
function numbers(tensors: Readonly<Record<string, Float32Array | Float64Array | undefined>>): Outputs {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, values]) => [name, Array.from(values ?? [], (value) => value + 0)]),
  );
}
