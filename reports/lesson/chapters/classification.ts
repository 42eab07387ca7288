import { FOUR_PIXELS, LINEAR_CLASSIFIER } from "../../../suites/lectures/classification.ts";
import type { Chapter } from "./chapter.ts";

export const classification: Chapter = {
  lead: "From numbers to classes: scores, probabilities, and one number that says how wrong they are.",
  examples: [FOUR_PIXELS, LINEAR_CLASSIFIER],
  tests: ["reference/layers/softmax.test.ts"],
  body: String.raw`
<h2>A linear classifier</h2>
<p>Stretch the image into a column, and give each class a row of weights and a bias: $f(x, W) = Wx + b$. An image of 4
pixels, and three classes:</p>
<scores-figure aria-label="Scores of an image of four pixels"></scores-figure>
<p>For 32 × 32 × 3 and ten classes that is $10 \cdot 3072 + 10 = 30{,}730$ parameters. A two-layer network puts a hidden
layer between, $f = W_2 \max(0, W_1 x)$; with 100 hidden units it has $100 \cdot 3072 + 10 \cdot 100$ weights. Neither
knows which pixels are neighbours.</p>
<h2>Softmax and cross-entropy</h2>
<p>Scores become probabilities, $p_c = e^{s_c} / \sum_k e^{s_k}$. The loss is $-\log p$ of the right class, in nats. Its
gradient by the scores is as simple as can be: $p - \text{one-hot}$.</p>
<softmax-figure aria-label="Softmax, loss and gradient"></softmax-figure>
<p>Raise a wrong score, and see the loss grow and the gradient push it down.</p>`,
};
