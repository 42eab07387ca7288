import { WasmLibrary, type Kernels, type WasmLayout, type WasmRoom } from "../support/wasm.ts";

const NAMES = ["correlatePlanes", "correlateGradients"] as const;

/** The functions of assembly/depthwise.ts. */
type DepthwiseKernels = Readonly<Record<(typeof NAMES)[number], Kernels[string]>>;

const library = new WasmLibrary(new URL("assembly/depthwise", import.meta.url));

export const { variant } = library;

/** A plan's memory and the kernels over it. */
export interface DepthwiseRoom extends Pick<WasmRoom, "floats" | "integers"> {
  readonly kernels: DepthwiseKernels;
  close(): void;
}

export function openRoom(layout: WasmLayout): DepthwiseRoom {
  const room = library.open(layout.bytes);
  const { kernels } = room;
  if (!isComplete(kernels)) throw new Error("the module of the depthwise kernels lacks one of them");
  return {
    kernels,
    floats: (address, length) => room.floats(address, length),
    integers: (address, length) => room.integers(address, length),
    close: () => library.close(room),
  };
}

function isComplete(kernels: Kernels): kernels is Kernels & DepthwiseKernels {
  return NAMES.every((name) => name in kernels);
}
