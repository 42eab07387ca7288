import type { Tensor } from "@tensorflow/tfjs";
import type { Arithmetic, Precision } from "../../core/plugin.ts";
import type { Capabilities } from "./operators.ts";
import type { Tfjs } from "./passes.ts";

/** A tfjs backend, as a plugin needs to know it. */
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
  /** Which special values it handles, when not all. */
  readonly arithmetic?: Arithmetic;
  /** Where it computes, when not on the processor. */
  readonly device?: "gpu";
  /** The files that a web page fetches for it, as {@link ModelPlan} names them. */
  readonly downloads?: readonly string[];
  /** Whether kernels may still run when their call has returned. */
  readonly asynchronous: boolean;
}

/** Waits for the device by reading one value of each tensor. */
export async function finished(tf: Tfjs, results: readonly Tensor[]): Promise<void> {
  for (const result of results) {
    const first = tf.tidy(() => tf.slice(tf.reshape(result, [-1]), [0], [1]));
    await first.data();
    first.dispose();
  }
}
