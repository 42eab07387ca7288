import type { Network } from "../../core/network.ts";
import { NetworkBuilder, RELU, convolution, fullyConnected, maxPooling, scaled, type Scale } from "./builder.ts";

/**
 * LeNet-5 in the form that today's lectures give it (ECE 884, lecture 13-14, "Example: LeNet-5"): rectifiers, maximum
 * pooling, and every filter sees all channels. The paper's own has 6 and 16 filters, hyperbolic tangents and trained
 * subsampling. Ends with the scores.
 */
export function lenet5({ size = 28, width = 1, classes = 10 }: Scale = {}): Network {
  const net = new NetworkBuilder();
  net.add("conv1", convolution(scaled(20, width), { kernel: 5, pad: 2 }));
  net.add("relu1", RELU);
  net.add("pool1", maxPooling({ kernel: 2, stride: 2 }));
  net.add("conv2", convolution(scaled(50, width), { kernel: 5, pad: 2 }));
  net.add("relu2", RELU);
  net.add("pool2", maxPooling({ kernel: 2, stride: 2 }));
  net.add("flatten", { kind: "flatten" });
  net.add("fc3", fullyConnected(scaled(500, width)));
  net.add("relu3", RELU);
  net.add("fc4", fullyConnected(classes));
  return net.network({
    name: "lenet5",
    description: "LeNet-5 as lectures have it: two convolutions of 5 × 5 and two fully connected layers",
    source:
      "LeCun et al., Gradient-based learning applied to document recognition, 1998, https://doi.org/10.1109/5.726791",
    input: { channels: 1, spatial: [size, size] },
  });
}
