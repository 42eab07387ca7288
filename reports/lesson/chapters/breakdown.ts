import { BREAKDOWN } from "../../../suites/lectures/networks.ts";
import type { Chapter } from "./chapter.ts";

export const breakdown: Chapter = {
  lead: "Which layers take the time? The slide has two pies, without a number. Draw them with numbers, on the machine in front of you.",
  examples: [BREAKDOWN],
  tests: ["scripts/lesson.browser.test.ts"],
  body: String.raw`
<h2>AlexNet, timed here</h2>
<p>Press a button. AlexNet's eight layers with weights run in this page, one image at a time, by this project's own
WebAssembly (or WebGPU, where the browser gives it to pages from files), one thread. It is the clock of
<code>bench --browser</code>: operands change before every call, so that nothing can be remembered, and the output of a
timed call, chosen at random, is checked against the float64 reference under a proven bound. A wrong output has no
time.</p>
<breakdown-figure aria-label="AlexNet's breakdown, published and here"></breakdown-figure>
<p>Blue: convolutions; orange: fully connected layers.</p>
<p>Of the slide's two pies, a CPU's and a GPU's, only a GPU's times were published layer by layer (Caffe's, below); no
CPU's were found, so yours stands in its place.</p>
<h2>Why they differ</h2>
<differences-list aria-label="What differs"></differences-list>
<p>The pie by multiply-adds is what you would get if every product took equally long. Fully connected layers take
more than
that at batch 1: each weight is fetched from memory for a single product. Everything else (pooling, normalisation,
activation) is left out here; <code>bench --whole</code> times it too.</p>
<p>For intervals, comparisons and every library you have: <code>npm run bench -- --browser</code>.</p>`,
};
