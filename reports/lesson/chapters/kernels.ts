import { DETECTOR, DIFFERENCE, UPRIGHT_EDGES } from "../../../suites/lectures/kernels.ts";
import type { Chapter } from "./chapter.ts";

export const kernels: Chapter = {
  lead: "Nine numbers find edges, blur or sharpen. Put a sigmoid behind them, and they detect.",
  examples: [DIFFERENCE, UPRIGHT_EDGES, DETECTOR],
  tests: ["reports/lesson/numbers/numbers.test.ts"],
  body: String.raw`
<h2>The smallest edge detector</h2>
<p>$[-1\;\;1]$ subtracts a pixel from its right neighbour: 0 where nothing changes, large at an edge, and its sign says
which way.</p>
<difference-figure aria-label="The difference to the right neighbour"></difference-figure>
<h2>On a picture</h2>
<p>Choose a kernel, change its numbers, or take a picture of your own.</p>
<picture-figure aria-label="A kernel on a picture"></picture-figure>
<p>Three rows of $[-1\;\;0\;\;1]$ see upright edges, and no lying ones: along a lying edge the differences are 0.</p>
<h2>A detector</h2>
<p>Press “a detector”. With $\sigma(0.02 \cdot (x \star w) - 4)$ a pixel is white where the response is above
$4 / 0.02 = 200$: the same feature, found at any position of the image. A network learns kernel, scale and shift.</p>`,
};
