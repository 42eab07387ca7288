import type { LayerTensorName, TensorName } from "./plugin.ts";

export { operandNames, outputNames, shapeOf } from "./shape.ts";

/** Tensors of a convolution or of another layer. */
export type AnyTensorName = TensorName | LayerTensorName;
export type AnyTensors = Readonly<Partial<Record<AnyTensorName, Float32Array>>>;

/** How outputs are filled before an implementation sees them: every element must be overwritten. */
export type Poison = "nan" | "finite";
