/** Every layer of the networks in float64, with both products of its Jacobian. */
import type { NetworkLayer } from "../../core/network.ts";
import { absoluteValue } from "./absolute-value.ts";
import { addition } from "./addition.ts";
import { averagePooling } from "./average-pooling.ts";
import { batchNormalisation } from "./batch-normalisation.ts";
import { clip } from "./clip.ts";
import { concatenation } from "./concatenation.ts";
import { convolution } from "./convolution.ts";
import { dropout } from "./dropout.ts";
import { flatten } from "./flatten.ts";
import { fullyConnected } from "./fully-connected.ts";
import { globalAveragePooling } from "./global-average-pooling.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { localContrastNormalisation } from "./local-contrast-normalisation.ts";
import { localResponseNormalisation } from "./local-response-normalisation.ts";
import { locallyConnected } from "./locally-connected.ts";
import { maxPooling } from "./max-pooling.ts";
import { relu } from "./relu.ts";
import { sigmoid } from "./sigmoid.ts";
import { softmax } from "./softmax.ts";
import { tanh } from "./tanh.ts";
import { transposedConvolution } from "./transposed-convolution.ts";

/** What a layer computes. */
export function layerDefinition(layer: NetworkLayer): LayerDefinition {
  switch (layer.kind) {
    case "absolute-value":
      return absoluteValue;
    case "addition":
      return addition;
    case "average-pooling":
      return averagePooling(layer);
    case "batch-normalisation":
      return batchNormalisation(layer);
    case "clip":
      return clip(layer);
    case "concatenation":
      return concatenation;
    case "convolution":
      return convolution(layer);
    case "dropout":
      return dropout(layer);
    case "flatten":
      return flatten;
    case "fully-connected":
      return fullyConnected(layer);
    case "global-average-pooling":
      return globalAveragePooling;
    case "local-contrast-normalisation":
      return localContrastNormalisation(layer);
    case "local-response-normalisation":
      return localResponseNormalisation(layer);
    case "locally-connected":
      return locallyConnected(layer);
    case "max-pooling":
      return maxPooling(layer);
    case "relu":
      return relu;
    case "sigmoid":
      return sigmoid;
    case "softmax":
      return softmax;
    case "tanh":
      return tanh;
    case "transposed-convolution":
      return transposedConvolution(layer);
  }
}
