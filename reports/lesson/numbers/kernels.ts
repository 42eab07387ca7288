import { outputShape } from "../../../core/shape.ts";
import { layerDefinition } from "../../../reference/layers/index.ts";
import { tensor } from "../../../reference/layers/tensor.ts";
import { forward } from "../../../reference/passes.ts";
import type { Rows } from "../../../suites/lectures/example.ts";
import { INFERENCE, PLAIN, problemOf } from "./layers.ts";
import type { Picture } from "./pictures.ts";

/** The response of a kernel at every position of a picture. */
export function filtered({ width, height, values }: Picture, kernel: Rows): Picture {
  const problem = { ...problemOf([[0]], kernel, PLAIN), input: [height, width] };
  const [outHeight = 0, outWidth = 0] = outputShape(problem);
  return { width: outWidth, height: outHeight, values: forward(problem, { x: values, weights: kernel.flat() }) };
}

/** sigm(scale · response + shift). */
export function detected(response: Picture, scale: number, shift: number): Picture {
  const x = tensor(
    [1, response.values.length],
    response.values.map((value) => scale * value + shift),
  );
  const { values } = layerDefinition({ kind: "sigmoid" }).forward({ inputs: [x], parameters: [] }, INFERENCE);
  return { ...response, values };
}
