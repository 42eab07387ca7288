import type { ModelNode } from "../../core/model.ts";
import type { Model, ModelPlan, OpenedModel, PlanImpl, PlanOptions } from "../../core/plugin.ts";
import { foldScales } from "../support/model/fold-scales.ts";
import { required } from "../support/tensor.ts";
import { computed, type Values } from "./operations.ts";
import { computedByKernel, matrixProduct, planProduct, type KernelProduct } from "./products.ts";

/** A node with its kernel, where it has one, and the values that nothing reads after it. */
interface Call {
  readonly node: ModelNode;
  readonly product?: KernelProduct;
  readonly over: readonly string[];
}

/** An implementation's own convolutions. */
export type Kernels = Pick<PlanImpl, "plan" | "unsupported">;

/**
 * A model by an implementation's own kernels: its convolutions, transposed ones and products with constant matrices, in
 * the order of the graph; everything else in plain TypeScript, which is this project's too.
 * @param downloads what a web page fetches for it
 */
export async function planByKernels(
  impl: Kernels,
  { graph: given }: Model,
  options: PlanOptions,
  downloads?: readonly string[],
): Promise<OpenedModel> {
  const graph = foldScales(given);
  const constants = new Map<string, Values>(graph.constants.map((constant) => [constant.name, constant]));
  const dimsOf = new Map([...graph.inputs, ...graph.nodes].map(({ name, dims }) => [name, dims]));
  const last = new Map<string, number>();
  for (const [at, { name, inputs }] of graph.nodes.entries()) for (const one of [name, ...inputs]) last.set(one, at);
  for (const { name } of graph.outputs) last.delete(name);
  const calls: Call[] = [];
  for (const [at, node] of graph.nodes.entries()) {
    const over = [...new Set([node.name, ...node.inputs])].filter((name) => last.get(name) === at);
    const product = await productOf(impl, node, dimsOf, constants, options);
    if (product !== undefined && "unsupported" in product)
      return { unsupported: `${node.operation.kind} "${node.name}": ${product.unsupported}` };
    calls.push({ node, over, ...(product === undefined ? {} : { product }) });
  }
  const isOutput = new Set(graph.outputs.map(({ name }) => name));
  let inputs: ReadonlyMap<string, Values> = new Map();
  let values = new Map<string, Values>();
  const plan: ModelPlan = {
    load(operands) {
      inputs = new Map(
        graph.inputs.map(({ name, dims }, index) => [name, { dims, data: required(operands[`x${index}`], name) }]),
      );
    },
    async run() {
      values = new Map();
      const of = (name: string): Values => required(values.get(name) ?? constants.get(name) ?? inputs.get(name), name);
      for (const { node, product, over } of calls) {
        const { name, dims } = node;
        const operands = node.inputs.map(of);
        const data =
          product === undefined ? plainly(node, operands) : await computedByKernel(product, operands[0]!, dims);
        values.set(name, { dims, data });
        for (const one of over) if (!isOutput.has(one)) values.delete(one);
      }
    },
    read(outputs) {
      for (const [index, { name }] of graph.outputs.entries())
        outputs[`y${index}`]?.set(required(values.get(name) ?? inputs.get(name), name).data);
    },
    async dispose() {
      for (const { product } of calls) await product?.plan.dispose?.();
    },
    ...(downloads === undefined ? {} : { downloads }),
  };
  return plan;
}

async function productOf(
  impl: Kernels,
  { operation, inputs: [x = "", ...others], dims }: ModelNode,
  dimsOf: ReadonlyMap<string, readonly number[]>,
  constants: ReadonlyMap<string, Values>,
  options: PlanOptions,
): Promise<KernelProduct | { readonly unsupported: string } | undefined> {
  const weights = others.map((name) => constants.get(name));
  const shape = dimsOf.get(x);
  switch (operation.kind) {
    case "convolution":
    case "transposed-convolution":
      return planProduct(impl, operation, shape ?? [], weights, dims, options);
    case "matrix-product":
      if (shape === undefined || weights[0]?.dims.length !== 2) return undefined;
      return planProduct(impl, operation, shape, weights, dims, options);
    default:
      return undefined;
  }
}

function plainly({ operation, dims }: ModelNode, operands: readonly Values[]): Float32Array {
  switch (operation.kind) {
    case "convolution":
    case "transposed-convolution":
      throw new Error(`${operation.kind} has a kernel`);
    case "matrix-product":
      return matrixProduct(operands[0]!, operands[1]!, dims);
    default:
      return computed(operation, operands, dims);
  }
}
