import type { ModelWindow } from "../../../core/model.ts";
import { convolutionOf, poolingOf, transposedConvolutionOf, type WindowGeometry } from "../windows.ts";
import type { Lower } from "./lower-elements.ts";
import { NotComputed, type Lowering } from "./lowering.ts";

function windowOf({ kernel, stride, dilation, padBegin, padEnd }: WindowGeometry): ModelWindow {
  return { kernel, stride, dilation, padBegin, padEnd };
}

function operands({ call, input }: Lowering): readonly string[] {
  return call.has(2) ? [input(0), input(1), input(2)] : [input(0), input(1)];
}

const convolution: Lower = (lowering) => {
  const problem = convolutionOf(lowering.call);
  lowering.result({ kind: "convolution", groups: problem.groups, ...windowOf(problem) }, operands(lowering));
};

const transposedConvolution: Lower = (lowering) => {
  const geometry = transposedConvolutionOf(lowering.call);
  const { groups, outputPadding } = geometry;
  const operation = { kind: "transposed-convolution", groups, outputPadding, ...windowOf(geometry) } as const;
  lowering.result(operation, operands(lowering));
};

const maxPooling: Lower = ({ call, outputs, input, result }) => {
  if (outputs.length > 1) throw new NotComputed("its second output, the places of the maxima");
  result({ kind: "max-pooling", ...windowOf(poolingOf(call)) }, [input(0)]);
};

const averagePooling: Lower = ({ call, input, result }) => {
  const countsPadding = call.integer("count_include_pad", 0) !== 0;
  result({ kind: "average-pooling", countsPadding, ...windowOf(poolingOf(call)) }, [input(0)]);
};

function globalPooling(name: "mean" | "maximum"): Lower {
  return ({ call, input, result }) => {
    const axes = [...call.dims(0).keys()].slice(2);
    result({ kind: "reduction", function: name, axes }, [input(0)]);
  };
}

/** A vector stands for a matrix of one row or one column. */
const matrixProduct: Lower = ({ call, input, between, result }) => {
  const [a, b] = [call.dims(0), call.dims(1)];
  if (a.length > 1 && b.length > 1) return result({ kind: "matrix-product" }, [input(0), input(1)]);
  const [rows, columns] = [a.length > 1 ? a : [1, a[0]!], b.length > 1 ? b : [b[0]!, 1]];
  const factors = [
    a === rows ? input(0) : between({ kind: "reshape" }, [input(0)], rows),
    b === columns ? input(1) : between({ kind: "reshape" }, [input(1)], columns),
  ];
  const longer = rows.length >= columns.length ? rows : columns;
  const dims = [...longer.slice(0, -2), rows.at(-2)!, columns.at(-1)!];
  result({ kind: "reshape" }, [between({ kind: "matrix-product" }, factors, dims)]);
};

/** alpha · A · B + beta · C. */
const gemm: Lower = ({ call, outputs, input, constant, between, result }) => {
  const dims = outputs[0]?.dims ?? [];
  const factor = (index: number, attribute: string): string => {
    if (call.integer(attribute, 0) === 0) return input(index);
    const turned = [...call.dims(index)].toReversed();
    return between({ kind: "transposition", order: [1, 0] }, [input(index)], turned);
  };
  const factors = [factor(0, "transA"), factor(1, "transB")];
  const [alpha, beta] = [call.float("alpha", 1), call.float("beta", 1)];
  const isScaled = alpha !== 1;
  const isAdded = call.has(2) && beta !== 0;
  if (!isScaled && !isAdded) return result({ kind: "matrix-product" }, factors);
  let product = between({ kind: "matrix-product" }, factors, dims);
  if (isScaled) {
    const scaled = [product, constant("alpha", [], [alpha])];
    if (!isAdded) return result({ kind: "pair", function: "multiply" }, scaled);
    product = between({ kind: "pair", function: "multiply" }, scaled, dims);
  }
  const addend =
    beta === 1
      ? input(2)
      : between({ kind: "pair", function: "multiply" }, [input(2), constant("beta", [], [beta])], call.dims(2));
  result({ kind: "pair", function: "add" }, [product, addend]);
};

export const WINDOW_LOWERINGS: Readonly<Record<string, Lower>> = {
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  MaxPool: maxPooling,
  AveragePool: averagePooling,
  GlobalAveragePool: globalPooling("mean"),
  GlobalMaxPool: globalPooling("maximum"),
  MatMul: matrixProduct,
  Gemm: gemm,
};
