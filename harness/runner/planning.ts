/** Planning: from a plugin, a problem and a pass to an open plan, or to why the plugin does not compute it. */
import { ELEMENTS, PROBLEM_TYPES, type ElementArray } from "../../core/element-types.ts";
import { fromChannelsLast, placeInChannelsLast, toChannelsLast } from "../../core/layout.ts";
import type {
  Algorithm,
  CallOptions,
  FunctionImpl,
  FunctionLayer,
  Impl,
  LayerProblem,
  PlanLayer,
  PlanOptions,
} from "../../core/plugin.ts";
import { parsedPost, slopeFault } from "../../core/posts.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import {
  float32Tensors,
  shapeOf,
  type AnyTensorName,
  type AnyTensors,
  type TensorName,
  type Tensors,
} from "../../core/tensors.ts";
import { isData, layerOperands, layerOutputs } from "../../reference/graph/layer-problem.ts";
import { isTransform } from "../check/declaration.ts";
import { outputLengths } from "./expected-outputs.ts";
import { movedTensors } from "./moved-tensors.ts";
import { OpenPlan, type PlanTensors } from "./open-plan.ts";
import { assertAlgorithm, assertPlan, isPlanImpl, textOrNothing, unsupportedBound } from "./plugin-check.ts";
import { adopt, type PluginRealm } from "./plugin-realm.ts";

interface Unsupported {
  readonly unsupported: string;
}

/** Plans a convolution. */
export async function openConvolution(
  impl: Impl,
  problem: ConvProblem,
  pass: Pass,
  threads: number,
  realm: PluginRealm,
): Promise<OpenPlan | Unsupported> {
  const undone = untyped(impl, problem, pass);
  if (undone !== undefined) return { unsupported: undone };
  const theirs = copied(problem, realm);
  const reason = textOrNothing(impl.name, "unsupported", impl.unsupported?.(theirs, pass));
  if (reason !== undefined) return { unsupported: reason };
  const algorithm = algorithmOf(impl, theirs, pass);
  const unbounded = unsupportedBound(algorithm) ?? typelessBound(algorithm, problem);
  if (unbounded !== undefined) return { unsupported: unbounded };
  const tensors = convolutionTensors(impl, problem, pass);
  if (isPlanImpl(impl)) {
    const plan: unknown = await impl.plan(theirs, pass, adopt({ threads }, realm));
    const declined = declinedBy(plan);
    if (declined !== undefined) return { unsupported: declined };
    assertPlan(impl.name, plan);
    return new OpenPlan({ kind: "plan", plan }, tensors, algorithm, realm);
  }
  const call = callOf(impl, theirs, pass, { threads }, realm);
  if ("unsupported" in call) return call;
  return new OpenPlan({ kind: "function", call }, tensors, algorithm, realm);
}

/** Why an implementation has no problems of a type or with fused operations, or the type not this pass; undefined where it has. */
function untyped(
  { types = ["f32"], posts = [] }: Impl,
  { type = "f32", post = [] }: ConvProblem,
  pass: Pass,
): string | undefined {
  const missing = post.find((one) => !posts.includes(parsedPost(one).kind));
  if (missing !== undefined) return `it has no fused ${missing}`;
  const fault = pass === "forward" ? undefined : slopeFault(post);
  if (fault !== undefined) return fault;
  if (!types.includes(type)) return `it has no ${type}; its types are ${types.join(", ")}`;
  return pass === "forward" || PROBLEM_TYPES[type].hasGradients ? undefined : `${type} has no ${pass}`;
}

/** Transforms have bounds in float32 alone; whole numbers are exact, however they are computed. */
function typelessBound(algorithm: Algorithm, problem: ConvProblem): string | undefined {
  const { type = "f32" } = problem;
  const isHeld = type === "f32" || ELEMENTS[PROBLEM_TYPES[type].y].float === undefined || !isTransform(algorithm);
  return isHeld ? undefined : `unsupported bound: ${algorithm} has none in ${type}`;
}

/** Why a plan was not made: a program is asked by planning whether it does a problem. */
export function declinedBy(plan: unknown): string | undefined {
  return typeof plan === "object" && plan !== null && "unsupported" in plan ? String(plan.unsupported) : undefined;
}

/** A function plugin's pass as a call on operands and outputs. */
function callOf(
  impl: FunctionImpl<ElementArray>,
  problem: ConvProblem,
  pass: Pass,
  options: PlanOptions,
  realm: PluginRealm,
): ((operands: Tensors<ElementArray>, outputs: Tensors<ElementArray>) => void | Promise<void>) | Unsupported {
  const own = adopt({ ...options }, realm);
  /** Of a problem without fused operations the options are always the same object. */
  const optionsWith = (
    more: Partial<Record<"residual" | "y", ElementArray | undefined>>,
  ): CallOptions<ElementArray> => {
    if (problem.post === undefined) return own;
    const given = Object.fromEntries(Object.entries(more).filter(([, tensor]) => tensor !== undefined));
    return adopt({ ...options, ...given }, realm);
  };
  switch (pass) {
    case "forward":
      return ({ x, weights, bias, residual }, { y }) =>
        impl.forward(
          problem,
          present(x, "x"),
          present(weights, "weights"),
          bias,
          present(y, "y"),
          optionsWith({ residual }),
        );
    case "backwardData":
      if (impl.backwardData === undefined) return { unsupported: "it has no backwardData" };
      return ({ dy, weights, y }, { dx }) =>
        impl.backwardData?.(
          problem,
          present(dy, "dy"),
          present(weights, "weights"),
          present(dx, "dx"),
          optionsWith({ y }),
        );
    case "backwardWeights":
      if (impl.backwardWeights === undefined) return { unsupported: "it has no backwardWeights" };
      return ({ x, dy, y }, { dWeights, dBias }) =>
        impl.backwardWeights?.(
          problem,
          present(x, "x"),
          present(dy, "dy"),
          present(dWeights, "dWeights"),
          dBias,
          optionsWith({ y }),
        );
  }
}

function present(tensor: ElementArray | undefined, name: string): ElementArray {
  if (tensor === undefined) throw new Error(`${name} was not loaded`);
  return tensor;
}

function convolutionTensors({ layout }: Impl, problem: ConvProblem, pass: Pass): PlanTensors {
  const isLast = layout === "nhwc";
  return {
    outputs: outputLengths(problem, pass),
    toOwn: (name, tensor) => (isLast ? toChannelsLast(problem, ofConvolution(name), tensor) : tensor),
    fromOwn: (name, tensor) => (isLast ? fromChannelsLast(problem, ofConvolution(name), tensor) : tensor),
    placeOf: (name) => (isLast ? placeInChannelsLast(shapeOf(problem, ofConvolution(name))) : (index) => index),
  };
}

const CONVOLUTION_TENSORS: readonly TensorName[] = [
  "x",
  "weights",
  "bias",
  "residual",
  "dy",
  "y",
  "dx",
  "dWeights",
  "dBias",
];

function ofConvolution(name: AnyTensorName): TensorName {
  const own = CONVOLUTION_TENSORS.find((candidate) => candidate === name);
  if (own === undefined) throw new Error(`a convolution has no tensor ${name}`);
  return own;
}

function algorithmOf(impl: Impl, problem: ConvProblem, pass: Pass): Algorithm {
  const { algorithm } = impl;
  const named = typeof algorithm === "function" ? algorithm.call(impl, problem, pass) : (algorithm ?? "direct");
  assertAlgorithm(impl.name, named);
  return named;
}

/** Plans a layer other than convolution, which is the implementation's own: nothing stands in for what it lacks. */
export async function openLayer(
  { name, layers, layout }: Impl,
  problem: LayerProblem,
  pass: Pass,
  threads: number,
  realm: PluginRealm,
): Promise<OpenPlan | Unsupported> {
  // The layer of a kind takes problems of that kind: what the compiler cannot follow through the index.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const layer = layers?.[problem.kind] as PlanLayer | FunctionLayer | undefined;
  if (layer === undefined) return { unsupported: `${problem.kind} is not offered by ${name}` };
  const theirs = copied(problem, realm);
  const reason = textOrNothing(`${name}, ${problem.kind}`, "unsupported", layer.unsupported?.(theirs, pass));
  if (reason !== undefined) return { unsupported: reason };
  const tensors = layerTensors(layout, problem, pass);
  if ("plan" in layer) {
    const plan = await layer.plan(theirs, pass, adopt({ threads }, realm));
    assertPlan(`${name}, ${problem.kind}`, plan);
    return new OpenPlan({ kind: "plan", plan }, tensors, "direct", realm);
  }
  if (layer[pass] === undefined) return { unsupported: `${pass} of ${problem.kind} is not offered by ${name}` };
  const call = (operands: AnyTensors, outputs: AnyTensors): void | Promise<void> =>
    layer[pass]?.(theirs, float32Tensors(operands), float32Tensors(outputs));
  return new OpenPlan({ kind: "function", call }, tensors, "direct", realm);
}

function layerTensors(layout: Impl["layout"], problem: LayerProblem, pass: Pass): PlanTensors {
  const outputs = layerOutputs(problem, pass);
  const shapes = new Map<string, readonly number[]>([...layerOperands(problem, pass), ...outputs]);
  const movedShape = (name: string): readonly number[] | undefined =>
    layout === "nhwc" && isData(name) ? shapes.get(name) : undefined;
  return movedTensors(
    outputs.map(([name, shape]) => [name, elementCount(shape)] as const),
    movedShape,
  );
}

/**
 * The problem as a plugin gets it: ordinary objects and lists of its own realm, a copy of its own. They are not frozen:
 * V8 reads elements of frozen arrays several times more slowly.
 */
export function copied<T extends object>(value: T, realm: PluginRealm): T {
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? value.map((item: unknown) => copiedValue(item, realm))
    : Object.fromEntries(
        Object.entries(value).map(([key, item]: [string, unknown]) => [key, copiedValue(item, realm)]),
      );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy, field by field
  return adopt(copy, realm) as T;
}

function copiedValue(value: unknown, realm: PluginRealm): unknown {
  return typeof value === "object" && value !== null ? copied(value, realm) : value;
}
