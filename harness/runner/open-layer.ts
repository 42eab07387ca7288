import { elementCount } from "../../core/shape.ts";
import { isData, layerOperands, layerOutputs } from "../../reference/graph/layer-problem.ts";
import type { FunctionLayer, Impl, LayerProblem, Layers, PlanLayer } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import type { LayerOf } from "../../core/record.ts";
import { dataFromChannelsLast, dataToChannelsLast } from "../../core/layout.ts";
import { OpenPlan, type PlanTensors } from "./open-plan.ts";
import { assertPlan } from "./plugin-check.ts";
import { adopt, type PluginRealm } from "./plugin-realm.ts";

/** A layer's plan, and whose it is. */
export interface OpenLayer {
  readonly plan: OpenPlan;
  readonly layerOf: LayerOf;
}

/** Plans a layer other than convolution: the implementation's own where it has one for this problem, the plain one otherwise; or says why neither does it. */
export async function openLayer(
  impl: Impl,
  plain: Layers,
  problem: LayerProblem,
  pass: Pass,
  threads: number,
  realm: PluginRealm,
): Promise<OpenLayer | { readonly unsupported: string }> {
  const own = await planOf(
    impl.name,
    impl.layers,
    tensorsOf(impl.layout, problem, pass),
    problem,
    pass,
    threads,
    realm,
  );
  if (own instanceof OpenPlan) return { plan: own, layerOf: "implementation" };
  const other = await planOf(
    "plain TypeScript",
    plain,
    tensorsOf("nchw", problem, pass),
    problem,
    pass,
    threads,
    realm,
  );
  return other instanceof OpenPlan ? { plan: other, layerOf: "plain-typescript" } : other;
}

async function planOf(
  name: string,
  layers: Layers | undefined,
  tensors: PlanTensors,
  problem: LayerProblem,
  pass: Pass,
  threads: number,
  realm: PluginRealm,
): Promise<OpenPlan | { readonly unsupported: string }> {
  // The layer of a kind takes problems of that kind: what the compiler cannot follow through the index.
  const layer = layers?.[problem.kind] as PlanLayer | FunctionLayer | undefined; // oxlint-disable-line typescript/no-unsafe-type-assertion
  if (layer === undefined) return { unsupported: `${name} has no ${problem.kind}` };
  const theirs = frozen(problem, realm);
  const reason = layer.unsupported?.(theirs, pass);
  if (reason !== undefined) return { unsupported: String(reason) };
  if ("plan" in layer) {
    const plan = await layer.plan(theirs, pass, adopt({ threads }, realm));
    assertPlan(`${name}, ${problem.kind}`, plan);
    return new OpenPlan({ kind: "plan", plan }, tensors, "direct", realm);
  }
  if (layer[pass] === undefined) return { unsupported: `${name} has no ${pass} of ${problem.kind}` };
  return new OpenPlan(
    { kind: "function", call: (operands, outputs) => layer[pass]?.(theirs, operands, outputs) },
    tensors,
    "direct",
    realm,
  );
}

function tensorsOf(layout: Impl["layout"], problem: LayerProblem, pass: Pass): PlanTensors {
  const outputs = layerOutputs(problem, pass);
  const shapes = new Map<string, readonly number[]>([...layerOperands(problem, pass), ...outputs]);
  const isLast = layout === "nhwc";
  const dataShape = (name: string): readonly number[] | undefined =>
    isLast && isData(name) ? shapes.get(name) : undefined;
  return {
    outputs: outputs.map(([name, shape]) => [name, elementCount(shape)]),
    toOwn: (name, tensor) => {
      const shape = dataShape(name);
      return shape === undefined ? tensor : dataToChannelsLast(shape, tensor);
    },
    fromOwn: (name, tensor) => {
      const shape = dataShape(name);
      return shape === undefined ? tensor : dataFromChannelsLast(shape, tensor);
    },
  };
}

/** The problem as a plugin gets it: objects and lists of its own realm, which it cannot change. */
function frozen<T extends object>(value: T, realm: PluginRealm): T {
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? value.map((item: unknown) => frozenValue(item, realm))
    : Object.fromEntries(
        Object.entries(value).map(([key, item]: [string, unknown]) => [key, frozenValue(item, realm)]),
      );
  return Object.freeze(adopt(copy, realm)) as T; // oxlint-disable-line typescript/no-unsafe-type-assertion -- a copy, field by field
}

function frozenValue(value: unknown, realm: PluginRealm): unknown {
  return typeof value === "object" && value !== null ? frozen(value, realm) : value;
}
