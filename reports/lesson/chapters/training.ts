import type { Chapter } from "./chapter.ts";

export const training: Chapter = {
  lead: "All of it together: a network with one convolution learns in front of you which way a line runs.",
  examples: [],
  tests: ["reports/lesson/numbers/training.test.ts", "reference/graph/gradient-check.test.ts"],
  body: String.raw`
<h2>The task</h2>
<p>A line of seven pixels, somewhere in 12 × 12, in noise: upright, lying, rising or falling? The images are made in
this
page; nothing is fetched.</p>
<data-figure aria-label="Images to learn from"></data-figure>
<h2>The loop</h2>
<pre tabindex="0">for each step:
    x, label = a batch of images, drawn at random
    scores = network(x)                      # forward
    loss = cross_entropy(scores, label)
    gradients = reverse_mode(loss)           # backward
    weights = weights − α · gradients</pre>
<p>The network: six filters of 5 × 5, ReLU, a maximum of each 2 × 2, and a fully connected layer to four scores: 156
and 388
parameters. Every gradient comes from the reference that you met in the last chapters.</p>
<training-figure aria-label="Training in the page"></training-figure>
<h2>Try</h2>
<ul>
<li>A learning rate of 2: the loss jumps, and may never come down. One of 0.01: it creeps.</li>
<li>A batch of 1: each step is cheap, and the loss is noisy. A batch of 100: smooth, and each step takes longer.</li>
<li>Look at the filters before and after: noise at first, then strokes and edges. Nobody told the network what a
direction
is.</li>
<li>“Images of most score” climb the gradient of a score by the <em>image</em>, $\partial s / \partial x$, with the
weights
held still. On large networks that gives the fantasy images, and with more care Deep Dream, of the slides.</li>
</ul>`,
};
