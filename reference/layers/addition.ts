import type { LayerDefinition } from "./layer-definition.ts";
import { addInto, filled, type Tensor } from "./tensor.ts";

function total(terms: readonly Tensor[]): Tensor {
  const sum = filled(terms[0]!.shape);
  for (const term of terms) addInto(sum, term);
  return sum;
}

/**
 * y = Σ of the inputs, all of one shape; the gradient of each is dy. Source: the shortcuts of He et al.,
 * https://arxiv.org/abs/1512.03385.
 */
export const addition: LayerDefinition = {
  forward: ({ inputs }) => total(inputs),
  vjp: ({ inputs }, dy) => ({ inputs: inputs.map(() => total([dy])), parameters: [] }),
  jvp: (_, { inputs }) => total(inputs),
};
