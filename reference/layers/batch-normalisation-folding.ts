import { filled, mapped, type Tensor } from "./tensor.ts";

/** A convolution's weights K C/G kernel… and bias K. */
export interface FoldedWeights {
  readonly weights: Tensor;
  readonly bias: Tensor;
}

/**
 * The convolution (or fully connected layer) that alone does what it and the batch normalisation after it do in
 * inference: W'[k] = W[k] · γ_k / √(σ²_k + ε) and b'_k = (b_k − μ_k) · γ_k / √(σ²_k + ε) + β_k.
 * @param parameters the layer's own: weights, and bias where it has one
 * @param normalisation scale, shift, mean and variance, K each
 * Source: the inference form of Ioffe and Szegedy, https://arxiv.org/abs/1502.03167 (algorithm 2), multiplied out.
 */
export function foldBatchNormalisation(
  [weights, bias]: readonly Tensor[],
  [scale, shift, mean, variance]: readonly Tensor[],
  epsilon: number,
): FoldedWeights {
  const factor = mapped(scale!, (gamma, k) => gamma / Math.sqrt(variance!.values[k]! + epsilon));
  const filterLength = weights!.values.length / factor.values.length;
  return {
    weights: mapped(weights!, (value, index) => value * factor.values[Math.floor(index / filterLength)]!),
    bias: mapped(
      bias ?? filled(scale!.shape),
      (value, k) => (value - mean!.values[k]!) * factor.values[k]! + shift!.values[k]!,
    ),
  };
}
