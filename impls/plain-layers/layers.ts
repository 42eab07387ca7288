import type { Layers } from "../../core/plugin.ts";
import { absoluteValue } from "./absolute-value.ts";
import { addition } from "./addition.ts";
import { averagePooling } from "./average-pooling.ts";
import { batchNormalisation } from "./batch-normalisation.ts";
import { clip } from "./clip.ts";
import { concatenation } from "./concatenation.ts";
import { globalAveragePooling } from "./global-average-pooling.ts";
import { localContrastNormalisation } from "./local-contrast-normalisation.ts";
import { localResponseNormalisation } from "./local-response-normalisation.ts";
import { locallyConnected } from "./locally-connected.ts";
import { maxPooling } from "./max-pooling.ts";
import { relu } from "./relu.ts";
import { sigmoid } from "./sigmoid.ts";
import { softmax } from "./softmax.ts";
import { tanh } from "./tanh.ts";
import { transposedConvolution } from "./transposed-convolution.ts";

/** Plain TypeScript layers, for networks of which an implementation does only the convolutions. */
const layers: Layers = {
  "absolute-value": absoluteValue,
  addition,
  "average-pooling": averagePooling,
  "batch-normalisation": batchNormalisation,
  clip,
  concatenation,
  "global-average-pooling": globalAveragePooling,
  "local-contrast-normalisation": localContrastNormalisation,
  "local-response-normalisation": localResponseNormalisation,
  "locally-connected": locallyConnected,
  "max-pooling": maxPooling,
  relu,
  sigmoid,
  softmax,
  tanh,
  "transposed-convolution": transposedConvolution,
};

export default layers;
