import { CONNECTIONS } from "../../../suites/lectures/connections.ts";
import type { Chapter } from "./chapter.ts";

export const connections: Chapter = {
  lead: "1.6 billion weights, 4 million, or 10 thousand: two assumptions about images make the difference.",
  examples: [CONNECTIONS],
  tests: ["reports/lesson/numbers/numbers.test.ts"],
  body: String.raw`
<h2>Every pixel to every unit</h2>
<p>An image of 200 × 200 pixels and 40,000 hidden units: a fully connected layer has a weight for every pair,
$200^2 \cdot 40{,}000 = 1.6 \cdot 10^9$ (the slides round to “~2B”). All of them have to be learned.</p>
<h2>Assumption 1: neighbours matter</h2>
<p>Pixels that are near each other belong together. Let a unit see a window of 10 × 10: $40{,}000 \cdot 10^2 = 4 \cdot
10^6$. Each unit keeps weights of its own. That is right where the image is registered, such as a face that always
stands in the same place.</p>
<h2>Assumption 2: what is useful here is useful there</h2>
<p>An edge is an edge anywhere (statisticians say <em>stationary</em>). Let all positions share the same weights: 100
filters of 10 × 10 are 10,000 weights, whatever the size of the image. That is a convolution.</p>
<connections-figure aria-label="Weights of three kinds of layers"></connections-figure>
<p>Move the image's size: only the fully connected layer notices. Move the window: the fully connected layer does
not.</p>`,
};
