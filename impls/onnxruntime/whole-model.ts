import type { InferenceSession, OnnxValue, Tensor } from "onnxruntime-node";
import type { FixedInput } from "../../core/model.ts";
import type { Model, ModelPlan } from "../../core/plugin.ts";
import { required } from "../support/tensor.ts";
import { floats, type OnnxRuntime } from "./session.ts";

/** What the packages of ONNX Runtime have in common. */
export type AnyOnnxRuntime = Pick<OnnxRuntime, "InferenceSession" | "Tensor">;

/**
 * A whole model as the library's users run it: the file in one session, every optimisation on, inputs and outputs in
 * the processor's memory.
 * @param downloads what a web page fetches for it
 */
export async function planModel(
  { InferenceSession, Tensor }: AnyOnnxRuntime,
  { file, graph }: Model,
  options: InferenceSession.SessionOptions,
  downloads?: readonly string[],
): Promise<ModelPlan> {
  const session = await InferenceSession.create(new Uint8Array(file), {
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    ...options,
  });
  let feeds: Readonly<Record<string, Tensor>> = {};
  let results: Readonly<Record<string, OnnxValue>> = {};
  return {
    load(inputs) {
      feeds = Object.fromEntries([
        ...graph.fixed.map((fixed) => [fixed.name, fixedTensor(Tensor, fixed)] as const),
        ...graph.inputs.map(
          ({ name, dims }, index) => [name, new Tensor("float32", required(inputs[`x${index}`], name), dims)] as const,
        ),
      ]);
    },
    async run() {
      results = await session.run(feeds);
    },
    read(outputs) {
      for (const [index, { name }] of graph.outputs.entries()) outputs[`y${index}`]?.set(floats(results[name]));
    },
    dispose: () => session.release(),
    ...(downloads === undefined ? {} : { downloads }),
  };
}

function fixedTensor(TensorClass: AnyOnnxRuntime["Tensor"], { type, values, dims }: FixedInput): Tensor {
  switch (type) {
    case "int64":
      return new TensorClass("int64", BigInt64Array.from(values, BigInt), dims);
    case "int32":
      return new TensorClass("int32", Int32Array.from(values), dims);
    case "bool":
      return new TensorClass("bool", Uint8Array.from(values), dims);
  }
}
