import { createRequire } from "node:module";
import util from "node:util";
import type { TfjsBackend } from "./backend.ts";
import type { Tfjs } from "./passes.ts";

const require = createRequire(import.meta.url);

/**
 * What both Node.js packages have in common: TensorFlow's kernels, called by tfjs-node/src/kernels of the tfjs
 * repository.
 */
export const NODE_BACKEND = {
  backend: "tensorflow",
  missingKernels: [],
  // The gradient kernels refuse explicit padding, and so does conv3d.
  explicitPadding: ["forward"],
  unequalDepthwiseStrides: false,
} as const satisfies Partial<TfjsBackend>;

/**
 * Loads @tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu; throws where the package or its TensorFlow library is not
 * there.
 */
export function loadNodeTfjs(packageName: string): Tfjs {
  restoreRemovedUtilities();
  // TensorFlow sizes its thread pools once, when it is loaded.
  const threads = process.env["BENCHCONV_THREADS"] ?? "1";
  process.env["TF_NUM_INTRAOP_THREADS"] ??= threads;
  process.env["TF_NUM_INTEROP_THREADS"] ??= "1";
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  const tf: unknown = require(packageName);
  if (!isTfjs(tf)) throw new Error(`${packageName} is not TensorFlow.js`);
  return tf;
}

function isTfjs(module: unknown): module is Tfjs {
  return typeof module === "object" && module !== null && "engine" in module && "setBackend" in module;
}

/** tfjs-node 4 calls two functions of node:util that Node 23 removed. */
function restoreRemovedUtilities(): void {
  const removed = {
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
    isArray: (value: unknown): boolean => Array.isArray(value),
  };
  for (const [name, value] of Object.entries(removed)) {
    if (!(name in util)) Object.defineProperty(util, name, { value, configurable: true, writable: true });
  }
}
