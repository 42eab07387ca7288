/** One convolution in several ways of writing it: what the harness does around it must slow none of them. */
import { defineImpl, type Plan } from "../../../../core/plugin.ts";
import type { ConvProblem } from "../../../../core/problem.ts";
import { outputShape } from "../../../../core/shape.ts";

type Multiply = (k: number, i: number, j: number, x: Float32Array, w: Float32Array) => number;

/** Sums the products of one output; the problem's lists are read at every product, as in the README's plugin. */
function asRead(p: ConvProblem, k: number, i: number, j: number, x: Float32Array, w: Float32Array): number {
  let sum = 0;
  for (let c = 0; c < p.inChannels; c++)
    for (let r = 0; r < p.kernel[0]!; r++)
      for (let s = 0; s < p.kernel[1]!; s++) {
        const row = i * p.stride[0]! - p.padBegin[0]! + r * p.dilation[0]!;
        const column = j * p.stride[1]! - p.padBegin[1]! + s * p.dilation[1]!;
        if (row < 0 || column < 0 || row >= p.input[0]! || column >= p.input[1]!) continue;
        const weight = w[((k * p.inChannels + c) * p.kernel[0]! + r) * p.kernel[1]! + s]!;
        sum += weight * x[(c * p.input[0]! + row) * p.input[1]! + column]!;
      }
  return sum;
}

function inClosure(problem: ConvProblem): Multiply {
  const { inChannels, kernel, stride, padBegin, dilation, input } = problem;
  const [height = 0, width = 0] = input;
  const [rows = 0, columns = 0] = kernel;
  const at = (extent: number, axis: number, tap: number): number =>
    extent * (stride[axis] ?? 1) - (padBegin[axis] ?? 0) + tap * (dilation[axis] ?? 1);
  return (k, i, j, x, w) => {
    let sum = 0;
    for (let c = 0; c < inChannels; c++)
      for (let r = 0; r < rows; r++)
        for (let s = 0; s < columns; s++) {
          const [row, column] = [at(i, 0, r), at(j, 1, s)];
          if (row < 0 || column < 0 || row >= height || column >= width) continue;
          sum += w[((k * inChannels + c) * rows + r) * columns + s]! * x[(c * height + row) * width + column]!;
        }
    return sum;
  };
}

class Kernel {
  readonly #problem: ConvProblem;

  constructor(problem: ConvProblem) {
    this.#problem = problem;
  }

  multiply(k: number, i: number, j: number, x: Float32Array, w: Float32Array): number {
    return asRead(this.#problem, k, i, j, x, w);
  }
}

function each(
  problem: ConvProblem,
  bias: Float32Array | undefined,
  y: Float32Array,
  sum: (k: number, i: number, j: number) => number,
) {
  const [height = 0, width = 0] = outputShape(problem);
  let at = 0;
  for (let k = 0; k < problem.outChannels; k++)
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) y[at++] = (bias === undefined ? 0 : bias[k]!) + sum(k, i, j);
}

const unsupported = ({ groups, batch, input }: ConvProblem, pass: string): string | undefined =>
  groups === 1 && batch === 1 && input.length === 2 && pass === "forward"
    ? undefined
    : "made for the clock's self-test only";

export default [
  defineImpl({
    name: "lists-read-in-the-loop",
    unsupported,
    forward: (p, x, w, b, y) => each(p, b, y, (k, i, j) => asRead(p, k, i, j, x, w)),
  }),
  defineImpl({
    name: "closures",
    unsupported,
    forward(p, x, w, b, y) {
      const multiply = inClosure(p);
      each(p, b, y, (k, i, j) => multiply(k, i, j, x, w));
    },
  }),
  defineImpl({
    name: "classes",
    unsupported,
    forward(p, x, w, b, y) {
      const kernel = new Kernel(p);
      each(p, b, y, (k, i, j) => kernel.multiply(k, i, j, x, w));
    },
  }),
  defineImpl({
    name: "destructured-copies",
    unsupported,
    forward({ input: [...input], kernel: [...kernel], ...p }, x, w, b, y) {
      const own = { ...p, input, kernel };
      each(own, b, y, (k, i, j) => asRead(own, k, i, j, x, w));
    },
  }),
  defineImpl({
    name: "promises",
    unsupported,
    async forward(p, x, w, b, y) {
      await Promise.resolve();
      each(p, b, y, (k, i, j) => asRead(p, k, i, j, x, w));
    },
  }),
  defineImpl({
    name: "plan",
    unsupported,
    plan(problem): Plan {
      const y = new Float32Array(problem.outChannels * outputShape(problem).reduce((a, n) => a * n, 1));
      const multiply = inClosure(problem);
      let run = (): void => {};
      return {
        load: ({ x, weights, bias }) => {
          if (x === undefined || weights === undefined) throw new Error("operands are missing");
          run = () => each(problem, bias, y, (k, i, j) => multiply(k, i, j, x, weights));
        },
        run: () => run(),
        read: (outputs) => outputs.y?.set(y),
      };
    },
  }),
];
