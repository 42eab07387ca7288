import { BRANCHES, SIGMOID_LAYER, SINE_AND_PRODUCT } from "../../../suites/lectures/differentiation.ts";
import type { Chapter } from "./chapter.ts";

export const differentiation: Chapter = {
  lead: "The chain rule can be walked from the inputs or from the output. Both are exact; one of them trains networks.",
  examples: [SINE_AND_PRODUCT, BRANCHES, SIGMOID_LAYER],
  tests: ["reports/lesson/numbers/numbers.test.ts", "reference/graph/differentiation.test.ts"],
  body: String.raw`
<h2>Step by step: $f = \sin(x_1) + x_1 x_2$</h2>
<p><b>Forward mode</b> carries, beside each value, how fast it moves when one input moves. <b>Reverse mode</b> first
computes all values, then carries back how much the output minds each of them.</p>
<modes-figure aria-label="Forward and reverse mode, step by step"></modes-figure>
<h2>Another input, another output</h2>
<p>With $d$ inputs forward mode takes $d$ passes; with $c$ outputs reverse mode takes $c$. Reverse mode has to keep the
values of the forward pass until it comes back; forward mode can forget them as it goes. Here for a computation of
100,000 operations:</p>
<passes-figure aria-label="Passes and memory of both modes"></passes-figure>
<h2>Gradients add at branches</h2>
<p>A value that is used more than once is blamed by each use. $x_1$ above was one: sine and product both pass something
back. Another, with layers:</p>
<branches-figure aria-label="Gradients that add"></branches-figure>
<h2>A layer is two functions</h2>
<p>Frameworks are built of layers that know two things: how to go forward, and how to take the slope of the output to
the
slope of the input. Caffe's sigmoid layer, in short:</p>
<pre tabindex="0">forward:   top_data[i]    = 1 / (1 + exp(-bottom_data[i]))
backward:  bottom_diff[i] = top_diff[i] * top_data[i] * (1 - top_data[i])    // the chain rule</pre>
<layer-figure aria-label="A sigmoid layer, forward and backward"></layer-figure>
<p>The graph does the rest: forward in the order of the computation, backward in the opposite order.</p>`,
};
