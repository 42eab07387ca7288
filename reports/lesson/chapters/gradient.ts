import { GRADIENT } from "../../../suites/lectures/differentiation.ts";
import type { Chapter } from "./chapter.ts";

export const gradient: Chapter = {
  lead:
    "How does the loss change when one weight changes? The answer is a convolution again, and you can " +
    "check it by hand.",
  examples: [GRADIENT],
  tests: ["reports/lesson/numbers/numbers.test.ts", "reference/gradients.test.ts", "suites/laws/adjoint.ts"],
  body: String.raw`
<h2>The question</h2>
<p>Let $L$ be the loss (<a href="classification.html">last chapter</a>): one number, the smaller the better. A
<b>gradient</b> says, for each number that went in, by how much $L$ grows when it grows a little. The layers behind
have told us $\mathrm{d}y = \partial L / \partial y$. We want
$\mathrm{d}X = \partial L / \partial x$, to pass on, and $\mathrm{d}W$ and $\mathrm{d}B$, to learn from.</p>
<forward-figure aria-label="The example: x, w, y and dy"></forward-figure>
<h2>dX: back through the kernel, flipped</h2>
<p>$x_{i}$ was read by every output whose window covers it. Add up what they pass back, each with its weight:</p>
$$\mathrm{d}X_{r,c} = \sum_{a,b} \mathrm{d}y_{r-a,\,c-b}\; w_{a,b}$$
<p>There is the minus sign again: the <em>true</em> convolution, with a flip. Because outputs at the border count too,
$\mathrm{d}y$ is padded by $K - 1$ (a “full” correlation with the flipped kernel).</p>
<dx-figure aria-label="dX, element by element"></dx-figure>
<h2>dW: the input, seen through dy</h2>
<p>A weight is used at every position. What it did there was multiply an input; what came of it counts by
$\mathrm{d}y$:</p>
$$\mathrm{d}W_{a,b} = \sum_{r,c} x_{r+a,\,c+b}\; \mathrm{d}y_{r,c} \qquad\qquad \mathrm{d}B = \sum_{r,c}
\mathrm{d}y_{r,c}$$
<dw-figure aria-label="dW, element by element"></dw-figure>
<h2>Trust, and check</h2>
<p>Move one number by $\pm h$, run forward twice, and divide: $(L(v + h) - L(v - h)) / 2h$. It knows nothing of the
formulas
above.</p>
<difference-figure aria-label="Gradients by differences"></difference-figure>
<p>Here $L$ is linear in each single number, so only rounding errs, and it grows as $h$ shrinks. In general a large $h$
errs too, because curves bend; $h$ near $10^{-5}$ is best in double precision.</p>`,
};
