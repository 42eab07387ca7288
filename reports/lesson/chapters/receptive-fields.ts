import { RECEPTIVE_FIELD } from "../../../suites/lectures/sizes.ts";
import type { Chapter } from "./chapter.ts";

export const receptiveFields: Chapter = {
  lead: "What part of the image does an output see? It grows with every layer.",
  examples: [RECEPTIVE_FIELD],
  tests: ["suites/lectures/linearity.test.ts", "reports/lesson/numbers/numbers.test.ts"],
  body: String.raw`
<h2>Grow it</h2>
<p>Each layer of kernel $K$ and stride 1 adds $K - 1$: with $L$ layers, $1 + L(K-1)$. Inputs are below, outputs
above.</p>
<field-figure aria-label="The receptive field of an output"></field-figure>
<p>Growth by addition is slow: a 224 × 224 image needs 112 layers of 3 × 3. So networks <b>downsample</b>: a stride of 2
doubles what every later layer adds (the <em>jump</em>). Dilation does it without losing positions.</p>
<h2>Real networks</h2>
<growth-figure aria-label="Receptive fields of networks"></growth-figure>
<h2>Stacking convolutions</h2>
<p>What do two convolutions in a row give? Convolution is linear and associative, $(x * w_1) * w_2 = x * (w_1 *
w_2)$:</p>
<stacking-figure aria-label="Two convolutions are one"></stacking-figure>`,
};
