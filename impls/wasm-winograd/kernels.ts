import { WasmLibrary, type Kernels, type WasmLayout } from "../support/wasm.ts";

const NAMES = [
  "describeTiles",
  "transformKernels",
  "dataByTiles",
  "dataByChannels",
  "multiplyPanels",
  "outputs",
  "weightsGradient",
] as const;

/** The steps of assembly/winograd.ts: offsets and lengths are bytes, flags are 0 or 1. */
export type WinogradKernels = Readonly<Record<(typeof NAMES)[number], Kernels[string]>>;

const library = new WasmLibrary(new URL("assembly/winograd", import.meta.url));

export const { variant } = library;

/** A plan's memory and the kernels over it. */
export interface WinogradRoom {
  readonly kernels: WinogradKernels;
  floats(address: number, length: number): Float32Array;
  close(): void;
}

export function openRoom(layout: WasmLayout): WinogradRoom {
  const room = library.open(layout.bytes);
  const { kernels } = room;
  if (!isComplete(kernels)) throw new Error("the module of the Winograd kernels lacks one of them");
  return { kernels, floats: (address, length) => room.floats(address, length), close: () => library.close(room) };
}

function isComplete(kernels: Kernels): kernels is Kernels & WinogradKernels {
  return NAMES.every((name) => name in kernels);
}
