import { elementCount } from "../../core/shape.ts";
import { COMPUTED_RULES } from "./computed-rules.ts";
import { broadcastDims, shapeText, ShapeUnknown, type ShapeRule } from "./node-call.ts";
import { RESHAPING_RULES } from "./reshaping-rules.ts";
import { convolutionDims, poolingOf, transposedConvolutionOf } from "./windows.ts";

/** The rule of an operator, or undefined for one that is not known. Source: https://onnx.ai/onnx/operators/ */
export function shapeRule(op: string): ShapeRule | undefined {
  return RULES.get(op);
}

/** As the first input: element by element, or normalised. */
const sameAsFirst: ShapeRule = (call) => [{ dims: call.dims(0) }];

const batchNormalisation: ShapeRule = (call) => {
  const dims = call.dims(0);
  const channels = dims[1] ?? 1;
  for (let index = 1; index < 5; index++) {
    const facts = call.inputs[index];
    if (facts?.dims !== undefined && elementCount(facts.dims) !== channels)
      throw call.fault(
        `input ${index + 1} ${shapeText(facts.dims)} must have a value for each of ${channels} channels`,
      );
  }
  return [{ dims }, ...call.node.outputs.slice(1).map(() => ({ dims: [channels] }))];
};

const pooling: ShapeRule = (call) => {
  const [batch, channels] = call.image(0);
  const dims = [batch, channels, ...poolingOf(call).output];
  return call.node.outputs.map(() => ({ dims }));
};

const globalPooling: ShapeRule = (call) => {
  const [batch, channels, ...spatial] = call.image(0);
  return [{ dims: [batch, channels, ...spatial.map(() => 1)] }];
};

const gemm: ShapeRule = (call) => {
  const [a, b] = [call.dims(0), call.dims(1)];
  if (a.length !== 2 || b.length !== 2)
    throw call.fault(`both factors must be matrices, got ${shapeText(a)} and ${shapeText(b)}`);
  const [rows, inner] = call.integer("transA", 0) !== 0 ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [innerB, columns] = call.integer("transB", 0) !== 0 ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  if (inner !== innerB) throw call.fault(`the factors ${shapeText(a)} and ${shapeText(b)} do not fit`);
  return [{ dims: [rows, columns] }];
};

const matMul: ShapeRule = (call) => {
  const [a, b] = [call.dims(0), call.dims(1)];
  if (a.length === 0 || b.length === 0) throw call.fault("a factor is a scalar");
  const left = a.length === 1 ? [1, a[0]!] : a;
  const right = b.length === 1 ? [b[0]!, 1] : b;
  if (left.at(-1) !== right.at(-2)) throw call.fault(`the factors ${shapeText(a)} and ${shapeText(b)} do not fit`);
  const batch = broadcastDims(call, [left.slice(0, -2), right.slice(0, -2)]);
  const rows = a.length === 1 ? [] : [left.at(-2)!];
  const columns = b.length === 1 ? [] : [right.at(-1)!];
  return [{ dims: [...batch, ...rows, ...columns] }];
};

const broadcast: ShapeRule = (call) => {
  // Before set 7 the second operand was broadcast along given axes: the result is shaped as the first.
  const shapes = call.inputs.map((_, index) => call.dims(index));
  if (shapes.length === 0) throw call.fault("it has no inputs");
  return [{ dims: call.opset < 7 ? shapes[0]! : broadcastDims(call, shapes) }];
};

const reduction: ShapeRule = (call) => {
  const dims = call.dims(0);
  const asked = call.integersOrInput("axes", 1);
  const keeps = call.integer("keepdims", 1) !== 0;
  const none = asked === undefined || asked.length === 0;
  if (none && call.integer("noop_with_empty_axes", 0) !== 0) return [{ dims }];
  const axes = new Set(none ? dims.keys() : asked.map((axis) => call.axis(axis, dims.length)));
  return [{ dims: dims.flatMap((extent, axis) => (axes.has(axis) ? (keeps ? [1] : []) : [extent])) }];
};

const argument: ShapeRule = (call) => {
  const dims = call.dims(0);
  const axis = call.axis(call.integer("axis", 0), dims.length);
  return [{ dims: call.integer("keepdims", 1) !== 0 ? dims.with(axis, 1) : dims.toSpliced(axis, 1) }];
};

const resize: ShapeRule = (call) => {
  const dims = call.dims(0);
  const isUpsample = call.node.op === "Upsample";
  const policy = call.text("keep_aspect_ratio_policy", "stretch");
  if (policy !== "stretch" || call.node.attributes.has("axes"))
    throw new ShapeUnknown("its form of Resize is not known");
  const given = (index: number): readonly number[] | undefined =>
    call.has(index) && call.inputs[index]?.dims?.[0] !== 0 ? call.numbers(index) : undefined;
  const sizes = call.opset >= 11 && !isUpsample ? given(3) : undefined;
  const scales = call.floats("scales") ?? given(isUpsample || call.opset < 11 ? 1 : 2);
  const result = sizes ?? dims.map((extent, axis) => Math.floor(extent * (scales?.[axis] ?? Number.NaN)));
  if (result.length !== dims.length || result.some((extent) => !Number.isSafeInteger(extent) || extent < 0))
    throw call.fault(`its sizes or scales do not fit ${shapeText(dims)}`);
  return [{ dims: result }];
};

/** Y, Y_h and Y_c, of steps, directions, batch and hidden units. */
const recurrent: ShapeRule = (call) => {
  const [steps, batch] = call.dims(0);
  const [directions, , hidden] = call.dims(2);
  if (steps === undefined || batch === undefined || directions === undefined || hidden === undefined)
    throw call.fault("its input needs three axes, and so do its recurrent weights");
  const state = [directions, batch, hidden];
  return call.node.outputs.map((_, index) => ({ dims: index === 0 ? [steps, directions, batch, hidden] : state }));
};

function rulesOf(ops: string, rule: ShapeRule): readonly (readonly [string, ShapeRule])[] {
  return ops.split(" ").map((op) => [op, rule]);
}

const RULES: ReadonlyMap<string, ShapeRule> = new Map([
  ...rulesOf("Conv", (call) => [{ dims: convolutionDims(call) }]),
  ...rulesOf("ConvTranspose", (call) => {
    const { outChannels, output } = transposedConvolutionOf(call);
    return [{ dims: [call.image(0)[0], outChannels, ...output] }];
  }),
  ...rulesOf("MaxPool AveragePool LpPool", pooling),
  ...rulesOf("GlobalAveragePool GlobalMaxPool GlobalLpPool", globalPooling),
  ...rulesOf("BatchNormalization", batchNormalisation),
  ...rulesOf("Gemm", gemm),
  ...rulesOf("MatMul", matMul),
  ...rulesOf(
    "Relu Sigmoid Tanh Abs LeakyRelu Clip Elu Selu Celu HardSigmoid HardSwish ThresholdedRelu PRelu " +
      "Softplus Softsign Gelu Mish Swish " +
      "Erf Exp Log Sqrt Neg Reciprocal Floor Ceil Round Sign Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh " +
      "Acosh Atanh Shrink " +
      "IsNaN IsInf CastLike QuantizeLinear DequantizeLinear Trilu Softmax LogSoftmax Hardmax LRN " +
      "InstanceNormalization GroupNormalization LayerNormalization RMSNormalization " +
      "MeanVarianceNormalization LpNormalization CumSum",
    sameAsFirst,
  ),
  ...rulesOf("Dropout", (call) => call.node.outputs.map(() => ({ dims: call.dims(0) }))),
  ...rulesOf("Sum Max Min Mean Pow Mod Xor Where", broadcast),
  ...rulesOf(
    "ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp " +
      "ReduceSumSquare",
    reduction,
  ),
  ...rulesOf("ArgMax ArgMin", argument),
  ...rulesOf("LSTM", recurrent),
  ...rulesOf("Resize Upsample", resize),
  ...Object.entries(RESHAPING_RULES),
  ...Object.entries(COMPUTED_RULES),
]);
