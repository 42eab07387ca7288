/** Sizes of a window along each spatial axis; all arrays have the rank of the network's input, at most 3. */
interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padBegin: readonly number[];
  readonly padEnd: readonly number[];
}

/** What a node of a network computes, without its inputs; the input's shape gives the rest, such as its channels. */
export type NetworkLayer =
  | (Window & {
      readonly kind: "convolution";
      readonly outChannels: number;
      readonly groups: number;
      /** 1 = dense. */
      readonly dilation: readonly number[];
      readonly bias: boolean;
    })
  | (Window & {
      readonly kind: "transposed-convolution";
      readonly outChannels: number;
      readonly groups: number;
      readonly dilation: readonly number[];
      /** Rows added at the end of each axis of the output. */
      readonly outputPadding: readonly number[];
      readonly bias: boolean;
    })
  /** A convolution whose weights are not shared between positions. */
  | (Window & { readonly kind: "locally-connected"; readonly outChannels: number; readonly bias: boolean })
  /** y = W · flatten(x) + b. */
  | { readonly kind: "fully-connected"; readonly outFeatures: number; readonly bias: boolean }
  | { readonly kind: "relu" | "absolute-value" | "sigmoid" | "tanh" | "flatten" | "global-average-pooling" }
  /** y = min(max(x, min), max), the bounds float32 numbers. */
  | { readonly kind: "clip"; readonly min: number; readonly max: number }
  /** Over the channels. */
  | { readonly kind: "softmax" }
  /** `ceil`: a last window that starts inside the input counts, even where it sticks out. */
  | (Window & { readonly kind: "max-pooling"; readonly ceil: boolean })
  /** `countsPadding`: the divisor is the window's size everywhere; else only elements of the input count. */
  | (Window & { readonly kind: "average-pooling"; readonly ceil: boolean; readonly countsPadding: boolean })
  /**
   * y = x / (k + alpha / size · Σ x²)^beta over `size` neighbouring channels (Krizhevsky et al. 2012; alpha ÷ size as
   * in Caffe and ONNX).
   */
  | {
      readonly kind: "local-response-normalisation";
      readonly size: number;
      readonly alpha: number;
      readonly beta: number;
      readonly k: number;
    }
  /**
   * Subtractive, then divisive, with a Gaussian window of `size`² and standard deviation `sigma` (Jarrett et al. 2009).
   */
  | { readonly kind: "local-contrast-normalisation"; readonly size: number; readonly sigma: number }
  /** Scale, shift, and in inference the running mean and variance are its parameters. */
  | { readonly kind: "batch-normalisation"; readonly epsilon: number }
  /** In training, drops with this probability and scales by 1 / (1 − probability); the identity in inference. */
  | { readonly kind: "dropout"; readonly probability: number }
  /** Along the channels. */
  | { readonly kind: "concatenation" }
  | { readonly kind: "addition" };

/** A node: the layer that it computes and the nodes whose outputs it reads; `"input"` is the network's own input. */
export interface NetworkNode {
  /** Unique within the network. */
  readonly name: string;
  readonly layer: NetworkLayer;
  readonly inputs: readonly string[];
}

/** A network as a graph without cycles: every node comes after its inputs, and the last one is the output. */
export interface Network {
  readonly name: string;
  readonly description: string;
  /** The paper and its URL. */
  readonly source: string;
  /** C and the spatial sizes of one image, of at most 3 axes; without an axis, the C features of one sample. */
  readonly input: { readonly channels: number; readonly spatial: readonly number[] };
  readonly nodes: readonly NetworkNode[];
}
