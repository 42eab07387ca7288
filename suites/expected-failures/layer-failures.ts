import { tfjsScript } from "./tfjs-script.ts";

/**
 * A known defect of a released package in a layer other than convolution. No case of verify meets it: where it would
 * show, the implementation declines its own layer, with the reason, and the plain one is used.
 */
export interface LayerFailure {
  /** kebab-case, unique among all expected failures. */
  readonly id: string;
  /** One sentence: what is wrong, and when. */
  readonly title: string;
  readonly packageName: string;
  readonly version: string;
  readonly cause: string;
  /** The source file at fault. */
  readonly link: string;
  /**
   * A Node.js ES module that needs only the package, prints the result beside the right one, and exits with 1 if the
   * defect shows.
   */
  readonly script: string;
}

const REPOSITORY = "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0";
const WASM = { packageName: "@tensorflow/tfjs-backend-wasm", version: "4.22.0" };

/** Every such failure: all are in TensorFlow.js's pooling. */
export const LAYER_FAILURES: readonly LayerFailure[] = [
  {
    ...WASM,
    id: "tfjs-wasm-max-pool-3d-of-negatives",
    title: "tf.maxPool3d gives 1.18e-38 on the wasm backend where a window has nothing above 0",
    cause:
      "The largest so far begins at std::numeric_limits<float>::min(), the smallest positive normal " +
      "number; lowest() was meant.",
    link: `${REPOSITORY}/tfjs-backend-wasm/src/cc/kernels/MaxPool3D.cc`,
    script: tfjsScript(
      "wasm",
      `
const y = await tf.maxPool3d(tf.tensor5d([-2, -1], [1, 1, 1, 2, 1]), [1, 1, 2], [1, 1, 2], "valid").data();
console.log("the largest of -2 and -1 is", y[0], "and should be -1");
process.exit(y[0] === -1 ? 0 : 1);`,
    ),
  },
  {
    ...WASM,
    id: "tfjs-wasm-max-pool-gradient-of-negatives",
    title:
      "The gradient of tf.maxPool goes to the wrong element on the wasm backend where a window has nothing above 0",
    cause:
      "The largest so far begins at std::numeric_limits<float>::min() with position 0, so that the " +
      "tensor's first element wins where all are negative; lowest() was meant.",
    link: `${REPOSITORY}/tfjs-backend-wasm/src/cc/kernels/MaxPoolGrad.cc`,
    script: tfjsScript(
      "wasm",
      `
const x = tf.tensor4d([-2, -1, -4, -3], [1, 2, 2, 1]);
const dx = await tf.grad((x) => tf.maxPool(x, 2, 2, "valid").sum())(x).data();
console.log("the gradient of the largest of -2, -1, -4, -3 is", dx.join(", "), "and should be 0, 1, 0, 0");
process.exit(dx.join() === "0,1,0,0" ? 0 : 1);`,
    ),
  },
  {
    id: "tfjs-average-pool-gradient-counts-padding",
    title:
      "The gradient of tf.avgPool divides by the whole window at the border, where the forward pass " +
      "divides by the elements inside",
    packageName: "@tensorflow/tfjs-backend-cpu",
    version: "4.22.0",
    cause:
      "avgPoolGrad multiplies by 1 / (filterHeight * filterWidth) everywhere. The wasm backend's gradient " +
      "gives the same.",
    link: `${REPOSITORY}/tfjs-backend-cpu/src/kernels/AvgPoolGrad.ts`,
    script: tfjsScript(
      "cpu",
      `
const average = (x) => tf.avgPool(x, [1, 2], 1, "same");
const x = tf.tensor4d([1, 2], [1, 1, 2, 1]);
const y = await average(x).data();
const dx = await tf.grad((x) => average(x).sum())(x).data();
console.log("y of", y.join(", "), "is the mean of both and the second alone: the gradient of its sum is", dx.join(", "), "and should be 0.5, 1.5");
process.exit(dx.join() === "0.5,1.5" ? 0 : 1);`,
    ),
  },
];

/** A layer's failure as the text of an issue for the package's maintainers, in Markdown. */
export function layerIssueText({ title, packageName, version, cause, link, script }: LayerFailure): string {
  const lines = [
    `# ${title}`,
    `Package: ${packageName} ${version}.`,
    "## To reproduce",
    `\`\`\`js\n${script.trimEnd()}\n\`\`\``,
  ];
  return [...lines, "## Cause", cause, `Source: ${link}`].join("\n\n") + "\n";
}
