import type { PairFunction } from "../../../core/model.ts";
import type { Lower } from "./lower-elements.ts";
import { NotComputed, type Lowering } from "./lowering.ts";

/** A recurrence is written out step by step: a longer one would make a graph of thousands of operations. */
const MOST_STEPS = 64;

/**
 * Y, Y_h and Y_c of a forward LSTM: i, o, f = σ(W·x + R·h + b), c = f·c + i·tanh(…), h = o·tanh(c).
 * Source: https://onnx.ai/onnx/operators/onnx__LSTM.html
 */
const lstm: Lower = (lowering) => {
  const { call, input, between, result } = lowering;
  const [steps = 1, batch = 1, features = 1] = call.dims(0);
  const hidden = call.dims(2)[2] ?? 1;
  if (call.dims(1)[0] !== 1 || call.text("direction", "forward") !== "forward")
    throw new NotComputed("another direction than forward");
  if (steps > MOST_STEPS) throw new NotComputed(`more than ${MOST_STEPS} steps (${steps})`);
  const asked =
    ["activations", "clip"].find((name) => call.node.attributes.has(name)) ??
    ["input_forget", "layout"].find((name) => call.integer(name, 0) !== 0);
  if (asked !== undefined) throw new NotComputed(`its attribute ${asked}`);
  if (call.has(4) || call.has(7)) throw new NotComputed("lengths of sequences, or peepholes");
  const tools = toolsOf(lowering);
  const state = [batch, hidden];
  const gates = [batch, 4 * hidden];
  const weights = [features, hidden].map((extent, index) => {
    const matrix = between({ kind: "reshape" }, [input(index + 1)], [4 * hidden, extent]);
    return between({ kind: "transposition", order: [1, 0] }, [matrix], [extent, 4 * hidden]);
  });
  const part = (of: string, from: number, extent: number): string =>
    between({ kind: "slice", begin: [0, from], step: [1, 1] }, [of], [1, extent]);
  const both = call.has(3) ? between({ kind: "reshape" }, [input(3)], [1, 8 * hidden]) : undefined;
  const bias =
    both && tools.pair("add", part(both, 0, 4 * hidden), part(both, 4 * hidden, 4 * hidden), [1, 4 * hidden]);
  const first = (index: number): string =>
    call.has(index)
      ? between({ kind: "reshape" }, [input(index)], state)
      : lowering.constant(
          `state${index}`,
          state,
          Array.from({ length: batch * hidden }, () => 0),
        );
  let [h, c] = [first(5), first(6)];
  const all: string[] = [];
  for (let step = 0; step < steps; step++) {
    const one = between({ kind: "slice", begin: [step, 0, 0], step: [1, 1, 1] }, [input(0)], [1, batch, features]);
    const x = between({ kind: "reshape" }, [one], [batch, features]);
    const ofX = between({ kind: "matrix-product" }, [x, weights[0]!], gates);
    const ofH = between({ kind: "matrix-product" }, [h, weights[1]!], gates);
    const plain = tools.pair("add", ofX, ofH, gates);
    const sum = bias === undefined ? plain : tools.pair("add", plain, bias, gates);
    const gate = (index: number, name: "sigmoid" | "tanh"): string =>
      tools.element(name, between({ kind: "slice", begin: [0, index * hidden], step: [1, 1] }, [sum], state), state);
    const kept = tools.pair("multiply", gate(2, "sigmoid"), c, state);
    c = tools.pair("add", kept, tools.pair("multiply", gate(0, "sigmoid"), gate(3, "tanh"), state), state);
    h = tools.pair("multiply", gate(1, "sigmoid"), tools.element("tanh", c, state), state);
    all.push(between({ kind: "reshape" }, [h], [1, 1, batch, hidden]));
  }
  if (call.node.outputs[0] !== undefined && call.node.outputs[0] !== "")
    result({ kind: "concatenation", axis: 0 }, all, 0);
  for (const [index, value] of [h, c].entries()) result({ kind: "reshape" }, [value], index + 1);
};

function toolsOf({ between }: Lowering) {
  return {
    pair: (name: PairFunction, a: string, b: string, dims: readonly number[]) =>
      between({ kind: "pair", function: name }, [a, b], dims),
    element: (name: "sigmoid" | "tanh", x: string, dims: readonly number[]) =>
      between({ kind: "element", function: { name } }, [x], dims),
  };
}

export const RECURRENT_LOWERINGS: Readonly<Record<string, Lower>> = { LSTM: lstm };
