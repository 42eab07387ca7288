import { PASSES } from "../../core/problem.ts";
import { isSame, paddingAxes } from "./geometry.ts";
import type { ExpectedFailure, Reproduction } from "./expected-failure.ts";
import { tfjsScript } from "./tfjs-script.ts";

const SMALLEST = {
  descriptor: "mb1_ic1oc1_id1ih1iw2_od1oh1ow1_kd1kh1kw1_sd1sh1sw2",
  bias: false,
  data: "dense-exact",
  seed: 1,
} as const;
const REPRODUCTIONS: readonly Reproduction[] = [
  { ...SMALLEST, pass: "forward", got: "x[1]·w[0]", expected: "x[0]·w[0]" },
  { ...SMALLEST, pass: "backwardData", got: "dx[0] is 0", expected: "dy[0]·w[0]" },
  { ...SMALLEST, pass: "backwardWeights", got: "x[1]·dy[0], or 0", expected: "x[0]·dy[0]" },
];

export const conv3dSameCrops: ExpectedFailure = {
  id: "tfjs-conv3d-same-crops",
  title: "tf.conv3d with padding same skips elements at the beginning of an axis whose last element no window reads",
  packageName: "@tensorflow/tfjs-core",
  versions: ["4.22."],
  implementations: {
    "tfjs-cpu:same": PASSES,
    "tfjs-cpu:layers": ["forward"],
    "tfjs-cpu:transpose-same": ["backwardData"],
    "tfjs-cpu:unbatched": PASSES,
    "tfjs-wasm:same": PASSES,
    "tfjs-wasm:layers": ["forward"],
    "tfjs-wasm:transpose-same": ["backwardData"],
    "tfjs-wasm:unbatched": PASSES,
  },
  explains: ({ problem }) => {
    const axes = paddingAxes(problem);
    return axes.length === 3 && isSame(axes) && axes.some(({ needed }) => needed < 0);
  },
  reproductions: REPRODUCTIONS,
  cause:
    "get3DPadAndOutInfo takes (out − 1)·stride + filter − in for the padding along an axis; its 2-D " +
    "sibling getPadAndOutInfo takes max(0, …). " +
    "Where no padding is needed the value is negative, half of it, rounded down, becomes the padding at " +
    "the front, and the windows start inside the input.",
  link: "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-core/src/ops/conv_util.ts",
  script: tfjsScript(
    "cpu",
    `
const x = tf.tensor5d([1, 2], [1, 1, 1, 2, 1]);
const y = tf.conv3d(x, tf.ones([1, 1, 1, 1, 1]), [1, 1, 2], "same").dataSync();
console.log("x 1 2, filter 1, stride 2, same: y is", y[0], "and should be x[0] = 1");
process.exit(y[0] === 1 ? 0 : 1);`,
  ),
};
