import type { Chapter } from "./chapter.ts";

export const sharing: Chapter = {
  lead:
    "What a convolution assumes: few connections, the same weights everywhere, and so outputs that move " +
    "with the input.",
  examples: [],
  tests: ["suites/lectures/linearity.test.ts", "reports/lesson/numbers/numbers.test.ts"],
  body: String.raw`
<h2>Sparse interaction and sharing</h2>
<p>With $m$ inputs and $n$ outputs, a matrix has $m \times n$ weights. If an output reads only $k$ neighbours, $k
\times n$
are left; if all share them, $k$. Choose a circle to see what it is connected to; letters name shared weights.</p>
<graph-figure aria-label="Connections of a layer as a graph"></graph-figure>
<p>A fully connected matrix uses each weight once per image. Each tap of a kernel is used at every position.</p>
<h2>Equivariance: move the input, and the output moves</h2>
<p>A function $f$ is equivariant to $g$ if $f(g(x)) = g(f(x))$. For a convolution $g$ may be a shift,
$I'(x, y) = I(x - 1, y)$:</p>
<equivariance-figure aria-label="Shift, then filter; filter, then shift"></equivariance-figure>
<p>Set the stride to 2: only shifts by whole strides are kept. A convolution is not equivariant to turning or scaling.
And sharing is not always wise: where a face is always cropped alike, eyes and chin may deserve filters of their
own.</p>`,
};
