/** Error bounds of every algorithm that an implementation may declare; docs/bounds.md states them on one page. */
export { biasGradientBound, directBound } from "./bounds/direct.ts";
export { errorRatio, overflowLimit } from "./bounds/error-ratio.ts";
export { exactnessHolds } from "./bounds/exact.ts";
export { fftBound, fftLevels } from "./bounds/fft.ts";
export { IEEE_FLOAT32, roundingModel } from "./bounds/float32.ts";
export type { RoundingModel } from "./bounds/float32.ts";
export { probabilisticBound } from "./bounds/probabilistic.ts";
export { packedNorms, transformedPairs } from "./bounds/transformed.ts";
export type { TransformedPairs } from "./bounds/transformed.ts";
export { inPieces, LARGEST_WINOGRAD_TILE, winogradBound } from "./bounds/winograd.ts";
