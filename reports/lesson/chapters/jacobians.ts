import { JACOBIANS } from "../../../suites/lectures/differentiation.ts";
import type { Chapter } from "./chapter.ts";

export const jacobians: Chapter = {
  lead: "Every layer has a matrix of all its slopes. Know what it looks like; never build it.",
  examples: [JACOBIANS],
  tests: ["reference/layers/jacobian.test.ts", "reports/lesson/numbers/numbers.test.ts"],
  body: String.raw`
<h2>What they look like</h2>
<p>Row $i$, column $j$ of the Jacobian is $\partial y_i / \partial x_j$. These are made by the same code that trains
networks here, one row at a time:</p>
<jacobian-figure aria-label="Jacobians of layers"></jacobian-figure>
<h2>How large they are</h2>
<p>The question of the slides: 4096 inputs, 4096 outputs, 100 images.</p>
<memory-figure aria-label="The size of a Jacobian"></memory-figure>
<h2>What is needed is a product</h2>
<p>Backpropagation multiplies a row from the left, $\mathrm{d}x = \mathrm{d}y\, J$ (a <em>vector-Jacobian product</em>).
Forward mode multiplies a column from the right, $\dot y = J \dot x$. For a fully connected layer, $\mathrm{d}x =
\mathrm{d}y\, W$; the same $W$ serves both ways.</p>
<product-figure aria-label="A vector times the Jacobian"></product-figure>`,
};
