import { SEVEN, SHRINKING } from "../../../suites/lectures/sizes.ts";
import type { Chapter } from "./chapter.ts";

export const sizes: Chapter = {
  lead: "How large is the output? One formula, three knobs, and rows that nobody reads.",
  examples: [SEVEN, SHRINKING],
  tests: [],
  body: String.raw`
<h2>Stride, padding, dilation</h2>
<p>A kernel of $K$ rows fits into $W$ rows $W - K + 1$ times. <b>Stride</b> $S$ takes every $S$-th place, <b>padding</b>
$P$ adds zeros at both ends, <b>dilation</b> $D$ spreads the kernel over $D(K-1)+1$ rows. Together:</p>
$$\text{output} = \left\lfloor \frac{W + 2P - D(K-1) - 1}{S} \right\rfloor + 1$$
<sizes-figure aria-label="Stride, padding and dilation of a 3 × 3 kernel on 7 × 7"></sizes-figure>
<p>With padding $P = (K-1)/2$ and stride 1 the size stays. Set stride 3: the brackets round down, and the last row and
column are never read. An implementation may not read past them, and its gradient must be 0 there; this project tests
both.</p>

<h2>Without padding, images run out</h2>
<p>Every layer takes $K - 1$ rows. On 28 × 28, how many layers of 3 × 3 fit?</p>
<shrinking-figure aria-label="How often a kernel fits"></shrinking-figure>
<p>Thirteen, and the output of the last is 2 × 2. That is why networks pad.</p>`,
};
