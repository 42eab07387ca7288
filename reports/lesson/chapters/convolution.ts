import { BINARY, BOXES, FLIPPED, MISPRINTED, SENSOR } from "../../../suites/lectures/convolution.ts";
import type { Chapter } from "./chapter.ts";

export const convolution: Chapter = {
  lead: "One word, three formulas: what a mathematician, a computer scientist and a programmer call a convolution.",
  examples: [BOXES, SENSOR, FLIPPED, MISPRINTED, BINARY],
  tests: ["suites/laws/commutativity.ts"],
  body: String.raw`
<h2>For mathematicians: flip, shift, add up</h2>
<p>Two functions become a third. Flip one of them, shift it by $t$, multiply, and take the area:</p>
$$y(t) = (x * w)(t) = \int x(a)\, w(t-a)\, \mathrm{d}a$$
<p>The symbol $*$ is read “convolved with”; $\mathrm{d}a$ says that $a$ runs over all numbers. $x$ is the input, $w$ the
<b>kernel</b> (also <b>filter</b>), and its values are <b>weights</b>. Take a box of width 1 for both. Move the
slider: the green area <em>is</em> the value of the convolution at $t$.</p>
<box-figure aria-label="A box convolved with itself"></box-figure>

<h2>A use: a noisy sensor</h2>
<p>A sensor says where a spaceship is, with noise. Average the last readings, and give recent ones more weight:
$s(t) = \sum_a x(t-a)\, w(a)$. Here $a$ is the age of a reading, so the weights run backwards through time. That is
where the flip comes from.</p>
<sensor-figure aria-label="A weighted average of readings"></sensor-figure>
<p>A large weight on the newest reading follows it, noise and all; equal weights are smooth, and late.</p>

<h2>For computer scientists: sums, in two dimensions</h2>
<p>Computers have no integrals and no infinite kernels. What is left, with a kernel whose rows and columns are
flipped:</p>
$$(x * w)_{i,j} = \sum_{a,b} x_{i-a,\,j-b}\; w_{a,b}$$
<p>The window slides over the image. In each place, multiply what lies on top of each other (the small numbers are the
weights) and add. Step through it (the figure counts $i$ and $j$ from the first place where the whole kernel fits):</p>
<flip-figure aria-label="Convolution with a flipped kernel, step by step"></flip-figure>
<p>Press “correlation” to leave the kernel as it is: other numbers come out, 70, 30, 10, 40. The example tells the two
apart. Flipping is what makes the product commutative, $x * w = w * x$.</p>

<h2>A slide that does not add up</h2>
<p>The last slide of this example in the deck prints another image beside the same result. Convolve it yourself:</p>
<misprint-figure aria-label="The misprinted slide"></misprint-figure>

<h2>For programmers: do not flip</h2>
<p>Deep learning frameworks leave the flip out and keep the name. A learned kernel does not care: it is learned flipped.
Their “convolution” is <b>cross-correlation</b>, for which we write $\star$:</p>
$$y_{r,c} = (x \star w)_{r,c} = \sum_{a,b} x_{r+a,\,c+b}\; w_{a,b}$$
<binary-figure aria-label="A kernel over a binary image"></binary-figure>
<p>The result is called a <b>feature map</b> (or activation map): it says how well each place of the image fits the
pattern
of the kernel. The kernel has five ones; where all five lie on ones the map would say 5. Here the best places have
4.</p>
<p>From here on, every layer of this lesson is cross-correlation, as in PyTorch and everywhere else.</p>`,
};
