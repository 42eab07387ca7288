import { softmax } from "./softmax.ts";
import { channelExtents, mapped, type Tensor } from "./tensor.ts";

/**
 * The cross-entropy of softmax(logits) with the right classes, L = mean over images of log Σ_c e^logit_c − logit_label,
 * in nats, and its gradient by the logits, (softmax − one-hot) / N. Both are safe for logits of any finite size, and a
 * loss near 0 keeps its digits: the logarithm of the sum is the largest logit plus log(1 + the other terms over the
 * largest).
 * @param logits N C (or N C 1…)
 * @param labels N classes, integers from 0 to C − 1
 * @throws RangeError where the logits have more than one position, or a label is no class
 * Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, https://www.deeplearningbook.org; ONNX operator
 * SoftmaxCrossEntropyLoss, mean.
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: readonly number[],
): { readonly loss: number; readonly gradient: Tensor } {
  const { batch, channels, positions } = channelExtents(logits.shape);
  if (positions !== 1) throw new RangeError(`logits are N C, got a shape of [${logits.shape.join(", ")}]`);
  if (labels.length !== batch) throw new RangeError(`${batch} images have ${batch} labels, got ${labels.length}`);
  const wrong = labels.find((label) => !Number.isInteger(label) || label < 0 || label >= channels);
  if (wrong !== undefined) throw new RangeError(`a label is an integer from 0 to ${channels - 1}, got ${wrong}`);
  let loss = 0;
  labels.forEach((label, n) => {
    const row = logits.values.subarray(n * channels, (n + 1) * channels);
    const winner = row.reduce((best, logit, c) => (logit > row[best]! ? c : best), 0);
    const rest = row.reduce((sum, logit, c) => (c === winner ? sum : sum + Math.exp(logit - row[winner]!)), 0);
    loss += (Math.log1p(rest) + (row[winner]! - row[label]!)) / batch;
  });
  const inference = { name: "inference" } as const;
  const probabilities = softmax.forward({ inputs: [logits], parameters: [] }, inference);
  const gradient = mapped(probabilities, (probability, index) => {
    const isLabel = labels[Math.floor(index / channels)] === index % channels;
    return (probability - (isLabel ? 1 : 0)) / batch;
  });
  return { loss, gradient };
}
