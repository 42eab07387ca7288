import { BATCH_NORMALISATION, FOLDING, LOCAL_CONTRAST, RECTIFICATION } from "../../../suites/lectures/normalisation.ts";
import type { Chapter } from "./chapter.ts";

export const normalisation: Chapter = {
  lead: "Between the convolution and the pooling: lose the sign, even out the contrast, keep numbers in range.",
  examples: [RECTIFICATION, LOCAL_CONTRAST, BATCH_NORMALISATION, FOLDING],
  tests: ["reference/layers/linear-layers.test.ts", "reference/layers/normalisation.test.ts"],
  body: String.raw`
<h2>Rectification</h2>
<p>$y = |x|$ forgets whether an edge goes from black to white or from white to black:</p>
<rectification-figure aria-label="Two edges, rectified"></rectification-figure>
<h2>Local contrast normalisation</h2>
<p>Subtract the local average, then divide by the local deviation: neurons that are all busy calm each other down.</p>
$$v = x - \sum_{p,q} w_{p,q}\, x_{\cdot+p,\cdot+q} \qquad \sigma = \Bigl(\sum_{p,q} w_{p,q}\,
v^2_{\cdot+p,\cdot+q}\Bigr)^{1/2}
\qquad y = v / \max(c, \sigma)$$
<p>The weights $w$ are a 7 × 7 Gaussian that sums to 1, and $c$ is the mean of $\sigma$ over the image.</p>
<contrast-figure aria-label="Local contrast normalisation of a picture"></contrast-figure>
<h2>Batch normalisation, in training</h2>
<p>Take one feature over all images of the batch, subtract its mean, divide by its deviation; then let the network
learn a
scale $\gamma$ and a shift $\beta$:</p>
<batch-figure aria-label="Batch normalisation of four values"></batch-figure>
<p>With $\gamma = \sigma$ and $\beta = \mu$ it does nothing (but for $\varepsilon$): press the button. So it takes no
ability away.</p>
<h2>In inference it costs nothing</h2>
<p>There is no batch when one image comes. Averages that were kept during training take its place, and what is left is
linear: multiply it into the layer before.</p>
<folding-figure aria-label="Folding batch normalisation into a layer"></folding-figure>`,
};
