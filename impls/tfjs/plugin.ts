import type { Tensor } from "@tensorflow/tfjs";
import { defineImpl, type Plan, type PlanImpl, type Precision, type TensorName } from "../../harness/plugin.ts";
import { packageVersion, required } from "../support/library.ts";
import { throughDoor, doorShapes } from "./door-pass.ts";
import type { TfjsDoor } from "./doors.ts";
import { convolutionOf, unsupportedBy, type Capabilities } from "./operators.ts";
import { compute, lower, type NamedTensors, type Tfjs } from "./passes.ts";

/** What tells one tfjs plugin from another. */
export interface TfjsBackend extends Capabilities {
  readonly name: string;
  readonly description: string;
  /** The npm package that holds the backend, and whose version is the plugin's. */
  readonly packageName: string;
  /** The backend's name in tf.setBackend. */
  readonly backend: string;
  /** Loads the library with the backend registered; throws where this machine cannot. */
  load(): Promise<Tfjs>;
  /** The precision of the products where it is not float32. */
  readonly precision?: Precision;
  /** Where it computes, when not on the processor. */
  readonly device?: "gpu";
  /** Whether kernels may still run when their call has returned. */
  readonly asynchronous: boolean;
}

/** A plugin for one tfjs backend; the library is loaded when it is asked for, not when the plugin is listed. */
export function tfjsPlugin(backend: TfjsBackend): PlanImpl {
  return defineImpl({
    ...common(backend),
    name: backend.name,
    description: backend.description,
    layout: "nhwc",
    unsupported: (problem, pass) => unsupportedBy(problem, pass, backend),
    plan: async (problem, pass) => {
      const lowered = lower(problem, pass, backend);
      return planPass(await backend.load(), backend, lowered.shapes, (tf, operands) => compute(tf, lowered, operands));
    },
  });
}

/** The same backend through other functions of the library. */
export function tfjsDoors(backend: TfjsBackend, doors: readonly TfjsDoor[]): readonly PlanImpl[] {
  return doors.map((door) => ({
    ...common(backend),
    name: `${backend.name}:${door.name}`,
    description: `${backend.description}: ${door.description}`,
    layout: door.layout ?? "nhwc",
    ...(door.arithmetic === undefined ? {} : { arithmetic: door.arithmetic }),
    unsupported: (problem, pass) =>
      door.unfit(problem, pass) ??
      unsupportedBy(problem, pass, backend, convolutionOf(problem)) ??
      (pass === "forward" ? undefined : missingKernel(backend, door)),
    plan: async (problem, pass) => {
      const shapes = doorShapes(problem, door);
      return planPass(await backend.load(), backend, shapes, (tf, operands) =>
        throughDoor(tf, door, problem, pass, shapes, operands),
      );
    },
  }));
}

function missingKernel({ missingKernels }: TfjsBackend, { gradientKernels = [] }: TfjsDoor): string | undefined {
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

type Shapes = Readonly<Record<TensorName, readonly number[]>>;

function planPass(
  tf: Tfjs,
  backend: TfjsBackend,
  shapes: Shapes,
  call: (tf: Tfjs, operands: NamedTensors) => NamedTensors,
): Plan {
  let operands: NamedTensors = {};
  let results: NamedTensors = {};
  return {
    async load(tensors) {
      await tf.setBackend(backend.backend);
      dispose(operands);
      const { x, weights, bias, dy } = tensors;
      const tensor = (name: "x" | "weights" | "bias" | "dy", data: Float32Array | undefined): NamedTensors =>
        data === undefined ? {} : { [name]: tf.tensor(data, [...shapes[name]], "float32") };
      operands = { ...tensor("x", x), ...tensor("weights", weights), ...tensor("bias", bias), ...tensor("dy", dy) };
    },
    run() {
      dispose(results);
      results = tf.tidy(() => call(tf, operands));
      // Reading one value waits for the device.
      if (backend.asynchronous) Object.values(results).forEach((result) => firstValue(tf, result));
    },
    read(outputs) {
      const { y, dx, dWeights, dBias } = outputs;
      for (const [output, name] of [
        [y, "y"],
        [dx, "dx"],
        [dWeights, "dWeights"],
        [dBias, "dBias"],
      ] as const) {
        output?.set(required(results[name], name).dataSync<"float32">());
      }
    },
    dispose() {
      dispose(operands);
      dispose(results);
      operands = {};
      results = {};
    },
  };
}

function dispose(tensors: NamedTensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

function firstValue(tf: Tfjs, tensor: Tensor): void {
  tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), [0], [1]).dataSync());
}
