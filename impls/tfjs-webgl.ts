import type { PlanImpl } from "../core/plugin.ts";
import type { TfjsBackend } from "./tfjs/backend.ts";
import { tfjsLayers } from "./tfjs/layers.ts";
import { tfjsPlugin } from "./tfjs/plugin.ts";

const BACKEND: TfjsBackend = {
  name: "tfjs-webgl",
  description: "TensorFlow.js, WebGL backend (browsers only)",
  packageName: "@tensorflow/tfjs",
  backend: "webgl",
  async load() {
    const tf = await import("@tensorflow/tfjs");
    tf.enableProdMode();
    // Otherwise some operations on little data run on the processor.
    tf.env().set("WEBGL_CPU_FORWARD", false);
    return tf;
  },
  asynchronous: true,
  // GLSL ES may treat any number as finite, and flush subnormals.
  arithmetic: "finite-only",
  device: "gpu",
  missingKernels: [],
  explicitPadding: ["forward", "backwardData", "backwardWeights"],
  unequalDepthwiseStrides: true,
  depthDilation: true,
  downloads: ["@tensorflow/tfjs/dist/tf.min.js"],
};

type CanvasClass = new (width: number, height: number) => { getContext(kind: "webgl2"): WebGl | null };

interface WebGl {
  readonly RENDERER: number;
  getExtension(name: "WEBGL_debug_renderer_info"): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
  getParameter(name: number): unknown;
}

/** The renderer's name; undefined where there is no WebGL 2. */
function renderer(): string | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a browser's own
  const Canvas = Reflect.get(globalThis, "OffscreenCanvas") as CanvasClass | undefined;
  const gl = Canvas === undefined ? null : new Canvas(1, 1).getContext("webgl2");
  if (gl === null) return undefined;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
}

const plugin = tfjsPlugin(BACKEND);

const tfjsWebGl: PlanImpl = {
  ...plugin,
  layers: tfjsLayers(BACKEND),
  software() {
    const name = renderer();
    return name !== undefined && /swiftshader|llvmpipe|softpipe|basic render/i.test(name) ? name : undefined;
  },
  unavailable() {
    if (renderer() === undefined) return "there is no WebGL 2 here: browsers have it, npm run bench -- --browser";
    return plugin.unavailable?.();
  },
};

export default tfjsWebGl;
