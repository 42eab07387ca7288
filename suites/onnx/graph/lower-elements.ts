import { FLOAT_FORMATS } from "../../../core/element-types.ts";
import type { ElementFunction, ModelOperation, PairFunction, ReductionFunction } from "../../../core/model.ts";
import { NotComputed, type Lowering } from "./lowering.ts";

/** What an operator of the file becomes. */
export type Lower = (lowering: Lowering) => void;

const LARGEST = FLOAT_FORMATS.float32.largest;

function element(of: (lowering: Lowering) => ElementFunction): Lower {
  return (lowering) => lowering.result({ kind: "element", function: of(lowering) }, [lowering.input(0)]);
}

function plain(name: Exclude<ElementFunction["name"], "clip" | "leaky-relu" | "elu" | "hard-sigmoid">): Lower {
  return element(() => ({ name }));
}

/** The bounds are attributes before set 11, and inputs from then on; one that is left out does not bind. */
const clip: Lower = (lowering) => {
  const { call, outputs, input, between, result } = lowering;
  const bound = (name: string, index: number, otherwise: number): number | undefined => {
    if (call.opset < 11) return call.float(name, otherwise);
    return call.has(index) ? call.inputs[index]?.numbers?.[0] : otherwise;
  };
  const [min, max] = [bound("min", 1, -LARGEST), bound("max", 2, LARGEST)];
  if (min !== undefined && max !== undefined) {
    const isRelu = min === 0 && max >= LARGEST;
    return result({ kind: "element", function: isRelu ? { name: "relu" } : { name: "clip", min, max } }, [input(0)]);
  }
  const dims = outputs[0]?.dims ?? [];
  const raise: ModelOperation = { kind: "pair", function: "maximum" };
  const lower: ModelOperation = { kind: "pair", function: "minimum" };
  if (!call.has(2)) return result(raise, [input(0), input(1)]);
  if (!call.has(1)) return result(lower, [input(0), input(2)]);
  result(lower, [between(raise, [input(0), input(1)], dims), input(2)]);
};

/** Operators of two operands, or of any number of them one after another. */
function pairs(name: PairFunction): Lower {
  return (lowering) => {
    const { call, outputs } = lowering;
    const count = call.node.inputs.length;
    if (count === 1) return lowering.result({ kind: "reshape" }, [lowering.input(0)]);
    const dims = outputs[0]?.dims ?? [];
    let sum = lowering.input(0);
    for (let index = 1; index < count; index++) {
      const inputs = [sum, alignedOperand(lowering, index)];
      if (index === count - 1) lowering.result({ kind: "pair", function: name }, inputs);
      else sum = lowering.between({ kind: "pair", function: name }, inputs, dims);
    }
  };
}

/** Before set 7 an attribute says where the second operand's first axis goes. */
function alignedOperand({ call, input, between }: Lowering, index: number): string {
  const [dims, own] = [call.dims(0), call.dims(index)];
  const axis = call.integer("axis", undefined);
  if (call.opset >= 7 || axis === undefined || own.length === 0) return input(index);
  const after = dims.length - call.axis(axis, dims.length) - own.length;
  if (after <= 0) return input(index);
  return between({ kind: "reshape" }, [input(index)], [...own, ...Array.from({ length: after }, () => 1)]);
}

function reduction(name: ReductionFunction): Lower {
  return (lowering) => {
    const { call, input, result } = lowering;
    const rank = call.dims(0).length;
    const asked = call.integersOrInput("axes", 1);
    const isEmpty = asked === undefined || asked.length === 0;
    if (isEmpty && call.integer("noop_with_empty_axes", 0) !== 0) return result({ kind: "reshape" }, [input(0)]);
    const axes = isEmpty ? [...Array(rank).keys()] : asked.map((axis) => call.axis(axis, rank));
    result({ kind: "reduction", function: name, axes }, [input(0)]);
  };
}

/** Before set 13 over everything from the axis on. */
const softmax: Lower = ({ call, input, between, result }) => {
  const dims = call.dims(0);
  const axis = call.axis(call.integer("axis", call.opset < 13 ? 1 : -1), dims.length);
  if (call.opset >= 13 || axis === dims.length - 1) return result({ kind: "softmax", axis }, [input(0)]);
  const product = (some: readonly number[]): number => some.reduce((all, extent) => all * extent, 1);
  const rows = [product(dims.slice(0, axis)), product(dims.slice(axis))];
  const flat = between({ kind: "reshape" }, [input(0)], rows);
  result({ kind: "reshape" }, [between({ kind: "softmax", axis: 1 }, [flat], rows)]);
};

/** x · ½ · (1 + erf(x / √2)). */
const gelu: Lower = ({ call, input, constant, between, result }) => {
  if (call.text("approximate", "none") !== "none") throw new NotComputed("its approximation by tanh");
  const dims = call.dims(0);
  const scaled = between(
    { kind: "pair", function: "multiply" },
    [input(0), constant("scale", [], [Math.SQRT1_2])],
    dims,
  );
  const erf = between({ kind: "element", function: { name: "error-function" } }, [scaled], dims);
  const raised = between({ kind: "pair", function: "add" }, [erf, constant("one", [], [1])], dims);
  const half = between({ kind: "pair", function: "multiply" }, [input(0), constant("half", [], [0.5])], dims);
  result({ kind: "pair", function: "multiply" }, [raised, half]);
};

/** A slope a channel stands beside N C spatial…: as the standard's one-way broadcast has it. */
const prelu: Lower = ({ input, result }) => result({ kind: "pair", function: "prelu" }, [input(0), input(1)]);

const layerNormalisation: Lower = ({ call, outputs, input, between, result }) => {
  if (outputs.length > 1) throw new NotComputed("its second output");
  const dims = call.dims(0);
  const first = call.axis(call.integer("axis", -1), dims.length);
  const axes = [...dims.keys()].slice(first);
  const even = between({ kind: "normalisation", axes, epsilon: call.float("epsilon", 1e-5) }, [input(0)], dims);
  const scaled: readonly string[] = [even, input(1)];
  if (!call.has(2)) return result({ kind: "pair", function: "multiply" }, scaled);
  result({ kind: "pair", function: "add" }, [between({ kind: "pair", function: "multiply" }, scaled, dims), input(2)]);
};

const instanceNormalisation: Lower = ({ call, input, between, result }) => {
  const dims = call.dims(0);
  const axes = [...dims.keys()].slice(2);
  const each = [dims[1] ?? 1, ...axes.map(() => 1)];
  const even = between({ kind: "normalisation", axes, epsilon: call.float("epsilon", 1e-5) }, [input(0)], dims);
  const [scale, shift] = [1, 2].map((index) => between({ kind: "reshape" }, [input(index)], each));
  const scaled = between({ kind: "pair", function: "multiply" }, [even, scale!], dims);
  result({ kind: "pair", function: "add" }, [scaled, shift!]);
};

const batchNormalisation: Lower = ({ call, input, result }) => {
  if (call.integer("training_mode", 0) !== 0) throw new NotComputed("its training mode");
  const operands = [0, 1, 2, 3, 4].map(input);
  result({ kind: "batch-normalisation", epsilon: call.float("epsilon", 1e-5) }, operands);
};

const responseNormalisation: Lower = ({ call, input, result }) =>
  result(
    {
      kind: "local-response-normalisation",
      size: call.integer("size", 1),
      alpha: call.float("alpha", 1e-4),
      beta: call.float("beta", 0.75),
      k: call.float("bias", 1),
    },
    [input(0)],
  );

export const ELEMENT_LOWERINGS: Readonly<Record<string, Lower>> = {
  Relu: plain("relu"),
  Sigmoid: plain("sigmoid"),
  Tanh: plain("tanh"),
  Abs: plain("absolute-value"),
  Neg: plain("negation"),
  Exp: plain("exponential"),
  Log: plain("logarithm"),
  Sqrt: plain("square-root"),
  Reciprocal: plain("reciprocal"),
  Erf: plain("error-function"),
  Softplus: plain("softplus"),
  HardSwish: plain("hard-swish"),
  Clip: clip,
  LeakyRelu: element(({ call }) => ({ name: "leaky-relu", slope: call.float("alpha", 0.01) })),
  Elu: element(({ call }) => ({ name: "elu", scale: call.float("alpha", 1) })),
  HardSigmoid: element(({ call }) => ({
    name: "hard-sigmoid",
    slope: call.float("alpha", 0.2),
    shift: call.float("beta", 0.5),
  })),
  Gelu: gelu,
  PRelu: prelu,
  Add: pairs("add"),
  Sum: pairs("add"),
  Sub: pairs("subtract"),
  Mul: pairs("multiply"),
  Div: pairs("divide"),
  Pow: pairs("power"),
  Min: pairs("minimum"),
  Max: pairs("maximum"),
  ReduceMean: reduction("mean"),
  ReduceSum: reduction("sum"),
  ReduceMax: reduction("maximum"),
  ReduceMin: reduction("minimum"),
  ReduceL2: reduction("norm"),
  Softmax: softmax,
  LayerNormalization: layerNormalisation,
  InstanceNormalization: instanceNormalisation,
  BatchNormalization: batchNormalisation,
  LRN: responseNormalisation,
};
