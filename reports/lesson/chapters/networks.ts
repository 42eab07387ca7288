import { ALEXNET_TABLE, COMPARISON, INCEPTION, LENET5_TABLE } from "../../../suites/lectures/networks.ts";
import type { Chapter } from "./chapter.ts";

export const networks: Chapter = {
  lead: "From LeNet-5 to MobileNet: what the same few layers became, counted.",
  examples: [LENET5_TABLE, ALEXNET_TABLE, INCEPTION, COMPARISON],
  tests: ["suites/networks/costs.test.ts", "suites/networks/documented-totals.test.ts"],
  body: String.raw`
<h2>Side by side</h2>
<comparison-figure aria-label="Networks side by side"></comparison-figure>
<p>Depth grew, and so did accuracy; weights and work did not have to. GoogLeNet has a ninth of AlexNet's parameters.
MobileNet
splits a convolution into one per channel (depthwise) and one across channels (1 × 1), for half of AlexNet's work.</p>
<h2>Where AlexNet's weights are, and where its work is</h2>
<alexnet-figure aria-label="AlexNet's weights and multiply-adds by layer"></alexnet-figure>
<h2>The inception module: a cheap 1 × 1 before an expensive kernel</h2>
<p>GoogLeNet puts 1 × 1, 3 × 3, 5 × 5 and a pooling side by side. Naively the 5 × 5 sees all 192 channels. A 1 × 1
convolution first makes them fewer (module 3a, 28 × 28):</p>
<inception-figure aria-label="Naive and bottlenecked inception"></inception-figure>
<p><b>VGG</b> has nothing but 3 × 3: two of them see 5 × 5 with 18 weights in place of 25, and a rectifier between.
<b>ResNet</b> adds a block's input to its output, $y = x + F(x)$; in the backward pass the gradient takes that way back
unchanged (gradients add at branches), and so 152 layers can be trained.</p>
<h2>Layer by layer</h2>
<p>As you go on, the picture gets smaller and the channels more.</p>
<layers-figure aria-label="The layers of a network"></layers-figure>`,
};
