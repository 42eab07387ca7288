import type { ModelGraph } from "../../../core/model.ts";
import { elementCount } from "../../../core/shape.ts";
import type { AnyTensors } from "../../../core/tensors.ts";
import { randomStream } from "../../../suites/data/random.ts";

/** Inputs of a model: uniform between −1 and 1, as a picture is that was normalised. */
export function modelInputs(graph: ModelGraph, seed: number): AnyTensors<Float32Array> {
  return Object.fromEntries(
    graph.inputs.map(({ name, dims }, index) => {
      const stream = randomStream("model-input", seed, name);
      const length = elementCount(dims);
      return [`x${index}`, Float32Array.from({ length }, () => stream.nextUint32() / 2 ** 31 - 1)];
    }),
  );
}

/** Multiply-adds of a model's convolutions and matrix products. */
export function modelMultiplyAdds(graph: ModelGraph): number {
  const dimsOf = new Map([...graph.inputs, ...graph.constants, ...graph.nodes].map(({ name, dims }) => [name, dims]));
  return graph.nodes.reduce((sum, { operation, inputs, dims }) => {
    const [x = [], weights = []] = inputs.map((name) => dimsOf.get(name) ?? []);
    switch (operation.kind) {
      case "convolution":
        return sum + elementCount(dims) * elementCount(weights.slice(1));
      case "transposed-convolution":
        return sum + elementCount(x) * elementCount(weights.slice(1));
      case "matrix-product":
        return sum + elementCount(dims) * (x.at(-1) ?? 1);
      default:
        return sum;
    }
  }, 0);
}
