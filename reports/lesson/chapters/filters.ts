import { ONE_BY_ONE, VOLUME } from "../../../suites/lectures/connections.ts";
import type { Chapter } from "./chapter.ts";

export const filters: Chapter = {
  lead:
    "A filter reaches through all channels and gives one map. Several filters give a new “image” of as " +
    "many channels.",
  examples: [VOLUME, ONE_BY_ONE],
  tests: ["reports/lesson/numbers/numbers.test.ts"],
  body: String.raw`
<h2>Six filters over a colour image</h2>
<p>The image has 3 channels of 32 × 32. A filter of 5 × 5 is really 3 × 5 × 5: it has a weight for every channel, and
adds
over all of them. The <b>bias</b> $b_k$ is one more number a filter, added to all of its outputs.</p>
$$y_{k,r,c} = b_k + \sum_{i}\sum_{a,b} x_{i,\,r+a,\,c+b}\; w_{k,i,a,b}$$
<volume-figure aria-label="Filters over a volume"></volume-figure>
<p>The six filters are made by hand so that you can see what each looks for. In a network they are learned
(<a href="training.html">training</a>).</p>
<h2>1 × 1: a mixture of channels</h2>
<p>Set the kernel to 1. A filter sees one pixel, of all channels: a fully connected layer at every position. 32
filters of
1 × 1 over 64 channels of 56 × 56 are 32 products of 64 numbers at each of 3136 positions. Networks use them to have
fewer
channels before an expensive kernel (<a href="networks.html">networks</a>).</p>
<h2>The next layer</h2>
<p>Six maps are the six channels of the next layer's input: its filters are 6 × 5 × 5.</p>`,
};
