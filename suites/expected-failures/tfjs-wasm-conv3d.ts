import { isSame, paddingAxes, type PaddingAxis } from "./geometry.ts";
import type { ExpectedFailure, Suspect } from "./expected-failure.ts";
import { tfjsScript } from "./tfjs-script.ts";

const LINK = "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-backend-wasm/src/cc/conv3d_impl.h";
const PACKAGE = { packageName: "@tensorflow/tfjs-backend-wasm", versions: ["4.22."], link: LINK };

/** An axis as the kernel sees it: the padding is its own under `same`, and part of the input where tf.pad did it. */
interface KernelAxis {
  readonly input: number;
  readonly front: number;
  readonly kernel: number;
  readonly stride: number;
  readonly output: number;
  /** Which elements are not padding. */
  readonly begin: number;
  readonly end: number;
}

function kernelAxis({ implementation }: Suspect, axis: PaddingAxis, same: boolean): KernelAxis {
  const { input, kernel, stride, output, padBegin, padEnd, needed } = axis;
  const byKernel = same && implementation.endsWith("same");
  return byKernel
    ? { input, front: Math.floor(needed / 2), kernel, stride, output, begin: 0, end: input }
    : { input: input + padBegin + padEnd, front: 0, kernel, stride, output, begin: padBegin, end: padBegin + input };
}

/** The quotient that C rounds toward zero, one more where something is left: ceil for what is not negative only. */
function divCeil(a: number, b: number): number {
  return Math.trunc(a / b) + (a % b === 0 ? 0 : 1);
}

/** Whether the bounds leave out an output that an input element x went into. */
function losesInput(
  { input, front, kernel, stride, output, begin, end: inputEnd }: KernelAxis,
  isDepth: boolean,
): boolean {
  for (let x = begin; x < Math.min(input, inputEnd); x++) {
    const corner = x - (kernel - 1 - front);
    const first = Math.max(0, divCeil(corner, stride));
    const end = Math.min(output, Math.trunc((isDepth ? kernel : kernel + corner) / stride));
    for (let y = 0; y < output; y++) {
      const tap = x + front - y * stride;
      if ((tap >= 0 && tap < kernel) !== (y >= first && y < end)) return true;
    }
  }
  return false;
}

/** Whether the bounds leave out an output whose window has the tap inside the input. */
function losesOutput({ input, front, kernel, stride, output, begin, end: inputEnd }: KernelAxis): boolean {
  for (let tap = 0; tap < kernel; tap++) {
    const first = Math.max(0, divCeil(front - tap, stride));
    const end = Math.min(output, Math.trunc((input + front - tap) / stride));
    for (let y = 0; y < output; y++) {
      const x = y * stride + tap - front;
      if (x >= begin && x < Math.min(input, inputEnd) && (y < first || y >= end)) return true;
    }
  }
  return false;
}

function someAxis(suspect: Suspect, loses: (axis: KernelAxis, isDepth: boolean) => boolean): boolean {
  const axes = paddingAxes(suspect.problem);
  if (axes.length !== 3 || suspect.problem.groups > 1) return false;
  // A fully connected layer is a matrix product, unless it goes through the library's own functions.
  const isDense = axes.every(
    ({ input, kernel, padBegin, padEnd }) => input === kernel && padBegin === 0 && padEnd === 0,
  );
  if (isDense && suspect.implementation === "tfjs-wasm") return false;
  const same = isSame(axes);
  return axes.some((axis, index) => loses(kernelAxis(suspect, axis, same), index === 0));
}

export const conv3dInputGradient: ExpectedFailure = {
  ...PACKAGE,
  id: "tfjs-wasm-conv3d-input-gradient",
  title: "the wasm backend's gradient of tf.conv3d with respect to its input leaves out outputs along every axis",
  implementations: {
    "tfjs-wasm": ["backwardData"],
    "tfjs-wasm:same": ["backwardData"],
    "tfjs-wasm:valid": ["backwardData"],
    "tfjs-wasm:unbatched": ["backwardData"],
    "tfjs-wasm:transpose-same": ["backwardData"],
    "tfjs-wasm:transpose-valid": ["backwardData"],
  },
  explains: (suspect) => someAxis(suspect, losesInput),
  reproductions: [
    {
      pass: "backwardData",
      descriptor: "mb1_ic1oc1_id2ih1iw1_kd1kh1kw1",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "dx[1] is 0",
      expected: "dy[1]·w[0]",
    },
  ],
  cause:
    "In NDHWCConv3DBackpropInputV2Impl the end of the loop over the depth of dy is min(out_depth, " +
    "filter_depth / stride_depth), without the position of x " +
    "(xf_corner); along the height and the width the end, (filter + corner) / stride, is rounded down " +
    "where the JavaScript backend keeps the fraction, " +
    "so that the last output is lost under a stride; and DivCeil of a negative corner is one too large under a stride.",
  script: tfjsScript(
    "wasm",
    `
const dx = tf.grad((x) => tf.conv3d(x, tf.ones([1, 1, 1, 1, 1]), 1, "valid"))(tf.ones([1, 2, 1, 1, 1]), tf.ones([1, 2, 1, 1, 1])).dataSync();
console.log("input of depth 2, filter 1, dy of ones: dx is", dx.join(" "), "and should be 1 1");
process.exit(dx.every((value) => value === 1) ? 0 : 1);`,
  ),
};

export const conv3dFilterGradient: ExpectedFailure = {
  ...PACKAGE,
  id: "tfjs-wasm-conv3d-filter-gradient",
  title:
    "the wasm backend's gradient of tf.conv3d with respect to its filter leaves out the first or the last " +
    "output under a stride",
  implementations: {
    "tfjs-wasm": ["backwardWeights"],
    "tfjs-wasm:same": ["backwardWeights"],
    "tfjs-wasm:valid": ["backwardWeights"],
    "tfjs-wasm:unbatched": ["backwardWeights"],
  },
  explains: (suspect) => someAxis(suspect, losesOutput),
  reproductions: [
    {
      pass: "backwardWeights",
      descriptor: "mb1_ic1oc1_id3ih1iw1_kd1kh1kw1_sd2sh1sw1",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "x[0]·dy[0]",
      expected: "x[0]·dy[0] + x[2]·dy[1]",
    },
  ],
  cause:
    "In NDHWCConv3DBackpropFilterV2Impl the end of the loops over dy, (in + pad − tap) / stride, is " +
    "rounded down where the JavaScript backend keeps the fraction, " +
    "so that the last output is lost where the stride does not divide; and DivCeil of a negative number " +
    "is one too large, so that the first is lost.",
  script: tfjsScript(
    "wasm",
    `
const gradient = tf.grad((filter) => tf.conv3d(tf.ones([1, 3, 1, 1, 1]), filter, [2, 1, 1], "valid"));
const dw = gradient(tf.ones([1, 1, 1, 1, 1]), tf.ones([1, 2, 1, 1, 1])).dataSync();
console.log("input of depth 3, filter 1, stride 2, dy of ones: dw is", dw[0], "and should be 2");
process.exit(dw[0] === 2 ? 0 : 1);`,
  ),
};
