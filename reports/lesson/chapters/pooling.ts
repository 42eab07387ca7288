import { AVERAGES, MAX_POOL, SHIFTED, WINNERS } from "../../../suites/lectures/pooling.ts";
import type { Chapter } from "./chapter.ts";

export const pooling: Chapter = {
  lead: "Keep the largest of each window, or the average: fewer numbers, that mind small shifts less.",
  examples: [MAX_POOL, WINNERS, AVERAGES, SHIFTED],
  tests: ["reports/lesson/numbers/numbers.test.ts"],
  body: String.raw`
<h2>Forward, and back</h2>
<p>A typical layer has three stages: the convolution, a detector (a non-linearity such as ReLU, $\max(0, x)$), and
pooling. Pooling has
no weights to learn; its output is $\lfloor (H - K)/S \rfloor + 1$. Its gradient tells which inputs mattered:</p>
$$y = \max_{p,q} x_{p,q}: \quad \mathrm{d}x_{p^*,q^*} = \mathrm{d}y \text{ at the winner, } 0 \text{ elsewhere}
\qquad\quad y = \tfrac{1}{m^2}\sum_{p,q} x_{p,q}: \quad \mathrm{d}x_{p,q} = \tfrac{1}{m^2}\,\mathrm{d}y$$
<pooling-figure aria-label="Pooling and its gradient"></pooling-figure>
<p>With stride 1 windows overlap. A unit that wins in several gets the sum of their gradients.</p>
<h2>Small shifts</h2>
<p>Move the row by one. (A new value, 0.3, comes in at the left.) Every input is another; half of the maxima are
not:</p>
<invariance-figure aria-label="A row that moves, and its maxima"></invariance-figure>
<p>Is the eye there? Its exact place matters less:</p>
<place-figure aria-label="A feature that moves inside its window"></place-figure>
<p>Move it over the border between windows, and the map does change: the invariance is to <em>small</em> shifts.</p>`,
};
