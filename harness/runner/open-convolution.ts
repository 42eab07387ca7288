import { elementCount } from "../../core/shape.ts";
import type { Algorithm, Impl, TensorName } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { outputNames, shapeOf, type AnyTensorName } from "../../core/tensors.ts";
import { callOfFunctions } from "./function-plan.ts";
import { fromChannelsLast, toChannelsLast } from "../../core/layout.ts";
import { OpenPlan, type PlanTensors } from "./open-plan.ts";
import { assertAlgorithm, assertPlan, isPlanImpl } from "./plugin-check.ts";
import { adopt, type PluginRealm } from "./plugin-realm.ts";

/** Plans a convolution, or says why the implementation does not do it. */
export async function openConvolution(
  impl: Impl,
  problem: ConvProblem,
  pass: Pass,
  threads: number,
  realm: PluginRealm,
): Promise<OpenPlan | { readonly unsupported: string }> {
  const theirs = frozenCopy(problem, realm);
  const reason = impl.unsupported?.(theirs, pass);
  if (reason !== undefined) return { unsupported: String(reason) };
  const tensors = tensorsOf(impl, problem, pass);
  if (!isPlanImpl(impl)) {
    const call = callOfFunctions(impl, theirs, pass);
    return "unsupported" in call
      ? call
      : new OpenPlan({ kind: "function", call }, tensors, algorithmOf(impl, theirs, pass), realm);
  }
  const plan = await impl.plan(theirs, pass, adopt({ threads }, realm));
  assertPlan(impl.name, plan);
  return new OpenPlan({ kind: "plan", plan }, tensors, algorithmOf(impl, theirs, pass), realm);
}

function tensorsOf({ layout }: Impl, problem: ConvProblem, pass: Pass): PlanTensors {
  const isLast = layout === "nhwc";
  return {
    outputs: outputNames(problem, pass).map((name) => [name, elementCount(shapeOf(problem, name))]),
    toOwn: (name, tensor) => (isLast ? toChannelsLast(problem, ofConvolution(name), tensor) : tensor),
    fromOwn: (name, tensor) => (isLast ? fromChannelsLast(problem, ofConvolution(name), tensor) : tensor),
  };
}

const NAMES: readonly TensorName[] = ["x", "weights", "bias", "dy", "y", "dx", "dWeights", "dBias"];

function ofConvolution(name: AnyTensorName): TensorName {
  const own = NAMES.find((candidate) => candidate === name);
  if (own === undefined) throw new Error(`a convolution has no tensor ${name}`);
  return own;
}

function algorithmOf(impl: Impl, problem: ConvProblem, pass: Pass): Algorithm {
  const { algorithm } = impl;
  const named = typeof algorithm === "function" ? algorithm.call(impl, problem, pass) : (algorithm ?? "direct");
  assertAlgorithm(impl.name, named);
  return named;
}

/** The problem as a plugin gets it: what is written into it reaches nobody else. */
function frozenCopy(problem: ConvProblem, realm: PluginRealm): ConvProblem {
  const { input, kernel, stride, dilation, padBegin, padEnd } = problem;
  const lists = Object.entries({ input, kernel, stride, dilation, padBegin, padEnd });
  const copies = Object.fromEntries(lists.map(([name, list]) => [name, Object.freeze(adopt([...list], realm))]));
  return Object.freeze(adopt({ ...problem, ...copies }, realm));
}
