import { WasmLibrary, type Kernels, type WasmLayout, type WasmInstance } from "../support/wasm.ts";

const NAMES = ["correlatePlanes", "correlateGradients"] as const;

/** The functions of assembly/depthwise.ts. */
type DepthwiseKernels = Readonly<Record<(typeof NAMES)[number], Kernels[string]>>;

const library = new WasmLibrary(new URL("assembly/depthwise", import.meta.url));

export const { instructions } = library;

/** A plan's memory and the kernels over it. */
export interface DepthwiseInstance extends Pick<WasmInstance, "floats" | "integers"> {
  readonly kernels: DepthwiseKernels;
  close(): void;
}

export function openInstance(layout: WasmLayout): DepthwiseInstance {
  const instance = library.open(layout.bytes);
  const { kernels } = instance;
  if (!isComplete(kernels)) throw new Error("the module of the depthwise kernels lacks one of them");
  return {
    kernels,
    floats: (address, length) => instance.floats(address, length),
    integers: (address, length) => instance.integers(address, length),
    close: () => library.close(instance),
  };
}

function isComplete(kernels: Kernels): kernels is Kernels & DepthwiseKernels {
  return NAMES.every((name) => name in kernels);
}
