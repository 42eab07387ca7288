import { stepsOf } from "../support/wasm-program.ts";
import { WasmLibrary } from "../support/wasm.ts";

const library = new WasmLibrary(new URL("assembly/winograd", import.meta.url));

export const { instructions } = library;

/** The steps of assembly/winograd.ts. Offsets and lengths are bytes, flags are 0 or 1. */
export const steps = stepsOf(library, [
  "describeTiles",
  "dataByTiles",
  "dataByChannels",
  "multiplyPanels",
  "outputs",
  "weightsGradient",
]);

export type WinogradStep = (typeof steps)["names"][number];
