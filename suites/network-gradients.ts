import type { Network } from "../core/network.ts";
import type { Agreement } from "../reference/graph/gradient-check.ts";
import { checkGradientsOf } from "../reference/graph/random-check.ts";
import { randomStream } from "./data/random.ts";

const BATCH = 2;

/** Whether batch normalisation and dropout act as in a training step or as in inference. */
export type Phase = "training" | "inference";

/**
 * The gradients of a network by every parameter at a random point, the same for the same seed: reverse mode against
 * forward mode and against differences of the outputs.
 */
export function gradientAgreements(network: Network, phase: Phase, seed: number): readonly Agreement[] {
  const stream = (key: string): (() => number) => {
    const words = randomStream("network-gradients", seed, network.name, phase, key);
    return () => words.nextUint32() / 2 ** 32;
  };
  return checkGradientsOf(network, { batch: BATCH, phase, stream });
}
