import type { Uniforms } from "../layers/layer-definition.ts";
import { filled, mapped, type Tensor } from "../layers/tensor.ts";
import { evaluateNetwork } from "./evaluate.ts";
import { checkNetworkGradients, type Agreement } from "./gradient-check.ts";
import type { Network } from "../../core/network.ts";
import { crossEntropy, randomProjection, withoutSoftmax } from "./objective.ts";
import { initialParameters, type NetworkParameters } from "./parameters.ts";
import { inputShape } from "./shapes.ts";

/** How a network is checked. */
export interface RandomCheck {
  readonly batch: number;
  /**
   * In training: the gradients of the softmax cross-entropy with random classes, with dropout; in inference: those of a
   * random sum of the scores.
   */
  readonly phase: "training" | "inference";
  /** Random numbers for a key, the same for the same key. */
  readonly stream: (key: string) => Uniforms;
}

/**
 * `checkNetworkGradients` at a random point: initial parameters (constants moved by up to a tenth) and an input of
 * values in [−1, 1). A last softmax is left out.
 * @throws RangeError where the network breaks a rule, or, in training, has not one score a class at its end
 */
export function checkGradientsOf(network: Network, { batch, phase, stream }: RandomCheck): readonly Agreement[] {
  const scores = withoutSoftmax(network);
  const pixel = stream("image");
  const x = mapped(filled(inputShape(network, batch)), () => 2 * pixel() - 1);
  const at = evaluateNetwork(
    scores,
    offTheKinks(initialParameters(scores, stream), stream("constants")),
    x,
    phase === "training" ? { name: phase, stream } : { name: phase },
  );
  if (phase === "inference")
    return checkNetworkGradients(
      at,
      randomProjection(() => stream("projection")),
      stream,
    );
  const uniform = stream("labels");
  const labels = Array.from({ length: batch }, () => Math.floor(uniform() * at.y.shape[1]!));
  return checkNetworkGradients(at, crossEntropy(labels), stream);
}

/** A unit that sees only zeros, as some do after rectifiers, is on its own kink where its bias is exactly 0. */
export function offTheKinks(parameters: NetworkParameters, uniform: Uniforms): NetworkParameters {
  const isConstant = ({ values }: Tensor): boolean => values.every((value) => value === values[0]);
  const moved = (initial: Tensor): Tensor => mapped(initial, (value) => value + 0.1 * (2 * uniform() - 1));
  return new Map(
    [...parameters].map(([node, tensors]) => [
      node,
      tensors.map((initial) => (isConstant(initial) ? moved(initial) : initial)),
    ]),
  );
}
