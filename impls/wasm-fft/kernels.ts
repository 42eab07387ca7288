import { stepsOf } from "../support/wasm-program.ts";
import { WasmLibrary } from "../support/wasm.ts";

const library = new WasmLibrary(new URL("assembly/fft", import.meta.url));

export const { instructions } = library;

/**
 * The steps of assembly/fft.ts. Offsets and lengths are bytes; the first two arguments of each are a grid and where its
 * tiles are transformed.
 */
export const steps = stepsOf(library, [
  "tilesAsRows",
  "imagesAsColumns",
  "imagesAsRows",
  "multiplyFrequencies",
  "outputs",
  "kernelGradients",
]);

export type FftStep = (typeof steps)["names"][number];
