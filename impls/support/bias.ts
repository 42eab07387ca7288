import type { Numbers } from "./numbers.ts";
import type { Volume } from "./volume.ts";

/** The bias gradient dBias[k] = Σ over n and output positions of dy[n][k][…], summed in float64. */
export function biasGradient(volume: Volume, dy: Numbers, dBias: Numbers): void {
  const { batch, outChannels, outputSize } = volume;
  for (let k = 0; k < outChannels; k++) {
    let sum = 0;
    for (let n = 0; n < batch; n++) {
      const plane = (n * outChannels + k) * outputSize;
      for (let i = 0; i < outputSize; i++) sum += dy[plane + i]!;
    }
    dBias[k] = sum;
  }
}
