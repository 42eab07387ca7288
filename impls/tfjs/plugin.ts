import type { Tensor } from "@tensorflow/tfjs";
import { defineImpl, type PlanImpl } from "../../core/plugin.ts";
import { packageVersion } from "../support/library.ts";
import { required } from "../support/tensor.ts";
import { finished, type TfjsBackend } from "./backend.ts";
import { planGraphModel } from "./model/plan.ts";
import { throughVariant, variantShapes } from "./variant-pass.ts";
import type { TfjsVariant } from "./variants.ts";
import { convolutionOf, unsupportedBy } from "./operators.ts";
import { compute, lower, type Tfjs } from "./passes.ts";

/** A plugin for one tfjs backend; the library is loaded when it is asked for, not when the plugin is listed. */
export function tfjsPlugin(backend: TfjsBackend): PlanImpl {
  return defineImpl({
    ...common(backend),
    name: backend.name,
    description: backend.description,
    layout: "nhwc",
    unsupported: (problem, pass) => unsupportedBy(problem, pass, backend),
    model: async (model) => planGraphModel(await backend.load(), backend, model),
    plan: async (problem, pass) => {
      const lowered = lower(problem, pass, backend);
      return planCall(await backend.load(), backend, lowered.shapes, (tf, operands) => compute(tf, lowered, operands));
    },
  });
}

/** The variants of a backend: the same through other functions of the library. */
export function tfjsVariants(backend: TfjsBackend, variants: readonly TfjsVariant[]): readonly PlanImpl[] {
  return variants.map((variant) => ({
    ...common(backend),
    name: `${backend.name}:${variant.name}`,
    description: `${backend.description}: ${variant.description}`,
    layout: variant.layout ?? "nhwc",
    ...(variant.arithmetic === undefined ? {} : { arithmetic: variant.arithmetic }),
    unsupported: (problem, pass) =>
      variant.unfit(problem, pass) ??
      unsupportedBy(problem, pass, backend, convolutionOf(problem)) ??
      (pass === "forward" ? undefined : missingKernel(backend, variant)),
    plan: async (problem, pass) => {
      const shapes = variantShapes(problem, variant);
      return planCall(await backend.load(), backend, shapes, (tf, operands) =>
        throughVariant(tf, variant, problem, pass, shapes, operands),
      );
    },
  }));
}

function missingKernel({ missingKernels }: TfjsBackend, { gradientKernels = [] }: TfjsVariant): string | undefined {
  const missing = gradientKernels.find((kernel) => missingKernels.includes(kernel));
  return missing === undefined ? undefined : `the backend has no kernel ${missing}`;
}

function common(backend: TfjsBackend): Omit<PlanImpl, "name" | "plan"> {
  return {
    ...packageVersion(backend.packageName),
    source: "https://github.com/tensorflow/tfjs",
    algorithm: "gemm",
    ...(backend.precision === undefined ? {} : { precision: backend.precision }),
    ...(backend.device === undefined ? {} : { device: backend.device }),
    ...(backend.arithmetic === undefined ? {} : { arithmetic: backend.arithmetic }),
    async unavailable() {
      try {
        await backend.load();
        return undefined;
      } catch (error) {
        const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
        return `install it with: npm install --no-save --ignore-scripts=false ${backend.packageName} (${reason})`;
      }
    },
  };
}

type TensorsByName = Readonly<Record<string, Tensor>>;
type DataByName = Readonly<Record<string, Float32Array | undefined>>;

/** A plan for tensors of any names. */
interface CallPlan {
  load(operands: DataByName, changed?: readonly string[]): Promise<void>;
  run(): void | Promise<void>;
  read(outputs: DataByName): Promise<void>;
  dispose(): void;
}

/** A plan whose operands and outputs have the given shapes; `call` computes the outputs. */
export function planCall(
  tf: Tfjs,
  { backend, asynchronous }: TfjsBackend,
  shapes: Readonly<Record<string, readonly number[]>>,
  call: (tf: Tfjs, operands: TensorsByName) => TensorsByName,
): CallPlan {
  let operands: TensorsByName = {};
  let results: TensorsByName = {};
  let isCompiled = false;
  return {
    async load(data, changed) {
      if (tf.getBackend() !== backend) await tf.setBackend(backend);
      const given = Object.entries(data).flatMap(([name, values]) => (values === undefined ? [] : [{ name, values }]));
      const isKept = (name: string): boolean => changed?.includes(name) === false;
      dispose(Object.fromEntries(Object.entries(operands).filter(([name]) => !isKept(name))));
      const kept = operands;
      operands = Object.fromEntries(
        given.map(({ name, values }) => [
          name,
          (isKept(name) ? kept[name] : undefined) ?? tf.tensor(values, [...required(shapes[name], name)], "float32"),
        ]),
      );
      if (!asynchronous || isCompiled) return;
      // The first call compiles kernels for the device, which is part of the preparation; its results are dropped.
      const first = tf.tidy(() => call(tf, operands));
      await finished(tf, Object.values(first));
      dispose(first);
      isCompiled = true;
    },
    run() {
      dispose(results);
      results = tf.tidy(() => call(tf, operands));
      return asynchronous ? finished(tf, Object.values(results)) : undefined;
    },
    async read(outputs) {
      for (const [name, output] of Object.entries(outputs))
        output?.set(await required(results[name], name).data<"float32">());
    },
    dispose() {
      dispose(operands);
      dispose(results);
      operands = {};
      results = {};
    },
  };
}

function dispose(tensors: TensorsByName): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}
