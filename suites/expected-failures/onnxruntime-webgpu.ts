import type { ConvProblem, Pass } from "../../core/problem.ts";
import { paddingAxes } from "./geometry.ts";
import type { ExpectedFailure, Suspect } from "./expected-failure.ts";
import { onnxruntimeScript } from "./onnxruntime-script.ts";

const COMMON = {
  packageName: "onnxruntime-node",
  versions: ["1.30."],
  needs: "webgpu",
} as const;
const FOLDER = "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/providers/webgpu/nn";
const OPTIONS = `{ executionProviders: ["webgpu"], extra: { session: { disable_cpu_ep_fallback: "1" } } }`;

/** A Conv of one group over one or two axes, as a pass asks for it. */
interface ConvCall {
  readonly channels: number;
  readonly filters: number;
  readonly axes: readonly {
    readonly input: number;
    readonly kernel: number;
    readonly stride: number;
    readonly dilation: number;
    readonly padBegin: number;
    readonly padEnd: number;
  }[];
}

/**
 * The Conv of a forward pass, or that of the weights' gradient, whose kernel is dy; undefined where the pass takes
 * another operator.
 */
function convCall(problem: ConvProblem, pass: Pass): ConvCall | undefined {
  const { batch, inChannels, outChannels, groups, input } = problem;
  const windows = paddingAxes(problem);
  const isDense = windows.every((axis) => axis.input === axis.kernel && axis.padBegin === 0 && axis.padEnd === 0);
  if (groups > 1 || input.length > 2 || isDense || pass === "backwardData") return undefined;
  const axes = windows.map((axis, index) => {
    const { kernel, stride, padBegin, output, needed } = axis;
    const dilation = kernel === 1 ? 1 : problem.dilation[index]!;
    const kept = axis.input + Math.min(0, axis.padEnd);
    const padEnd = Math.max(0, axis.padEnd);
    if (pass === "forward") return { input: kept, kernel, stride, dilation, padBegin, padEnd };
    const unread = padBegin + axis.padEnd - needed;
    const read = kept - Math.min(Math.max(0, unread - padEnd), kept - 1);
    const exchanged = { kernel: output, stride: dilation, dilation: stride };
    return { ...exchanged, input: read, padBegin, padEnd: Math.max(0, padEnd - unread) };
  });
  return { channels: pass === "forward" ? inChannels : batch, filters: outChannels, axes };
}

/** Whether the provider does it as a matrix product. */
function isProduct({ axes }: ConvCall): boolean {
  return (
    axes.every(({ input, kernel, padBegin }) => input === kernel && padBegin === 0) ||
    axes.every(({ kernel, stride, padBegin }) => kernel === 1 && stride === 1 && padBegin === 0)
  );
}

function isCall(suspect: Suspect, meets: (call: ConvCall) => boolean): boolean {
  const call = convCall(suspect.problem, suspect.pass);
  return call !== undefined && meets(call);
}

export const channelsByThrees: ExpectedFailure = {
  ...COMMON,
  id: "onnxruntime-webgpu-conv-channels-by-threes",
  title:
    "the WebGPU Conv reads the wrong channels of an image whose channels are 6, 9, 15, 18, … (a multiple " +
    "of 3, not of 4) for filters that are a multiple of 4",
  implementations: { "onnxruntime-webgpu": ["forward", "backwardWeights"] },
  explains: (suspect) =>
    isCall(suspect, (call) => {
      const { channels, filters } = call;
      return !isProduct(call) && channels > 3 && channels % 3 === 0 && channels % 4 !== 0 && filters % 4 === 0;
    }),
  reproductions: [
    {
      pass: "forward",
      descriptor: "mb1_ic6oc4_iw3ow2_kw2_pw0",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "channels 3 to 5 are read as 0 to 2",
      expected: "all six channels",
    },
    {
      pass: "backwardWeights",
      descriptor: "mb6_ic1oc4_iw3ow2_kw2_pw0",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "images 3 to 5 are read as 0 to 2: here the batch is the channels",
      expected: "all six images",
    },
  ],
  cause:
    "Such images are read by threes, as scalars. The channel of the first of three is divided by 4 nevertheless (`xCh / 4`), as if the image " +
    "were an array of vec4; that is right only for three channels, where it is 0.",
  link: `${FOLDER}/conv2d_mm.cc`,
  issue: "https://github.com/microsoft/onnxruntime/issues/29651",
  script: onnxruntimeScript(`
const session = await sessionOf("Conv", [], [1, 6, 3], [4, 6, 2], [1, 4, 2], ${OPTIONS});
// Only channel 3 is not zero.
const x = floats(Array.from({ length: 18 }, (_, i) => (Math.floor(i / 3) === 3 ? 1 : 0)), [1, 6, 3]);
const w = floats(new Float32Array(48).fill(1), [4, 6, 2]);
const { y } = await session.run({ x, w });
console.log("channel 3 of 6 is one, the others zero, weights one: y[0] is", y.data[0], "and should be 2");
process.exit(y.data[0] === 2 ? 0 : 1);`),
};

export const endPaddingIgnored: ExpectedFailure = {
  ...COMMON,
  id: "onnxruntime-webgpu-conv-ignores-end-padding",
  title:
    "the WebGPU Conv ignores padding at the end of a kernel of extent 1, or of a kernel as large as the " +
    "image, where there is none at the beginning",
  implementations: { "onnxruntime-webgpu": ["forward", "backwardWeights"] },
  explains: (suspect) =>
    isCall(
      suspect,
      (call) =>
        isProduct(call) &&
        call.axes.some(({ input, kernel, stride, dilation, padEnd }) => {
          const moves = input + padEnd - dilation * (kernel - 1) - 1 >= stride;
          return padEnd > 0 && (moves || (kernel > 1 && dilation > 1));
        }),
    ),
  reproductions: [
    {
      pass: "forward",
      descriptor: "mb1_ic2oc2_iw3ow2_kw3_pw0",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "y[0, 0, 1] is 0",
      expected: "x[1]·w[0] + x[2]·w[1], over both channels",
    },
    {
      pass: "backwardWeights",
      descriptor: "mb1_ic2oc2_iw3ow3_kw2_pw0",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "dWeights[0, 0, 1] is another tap's, or 0: here dy is the kernel",
      expected: "x[1]·dy[0] + x[2]·dy[1]",
    },
  ],
  cause:
    "Where the kernel is 1 with stride 1, or as large as the image, the layer is done as a matrix " +
    "product, of one row for each position of the image, " +
    "or of one for the whole. The condition looks at the padding at the beginning only; that at the end " +
    "gives more outputs than the product has rows.",
  link: `${FOLDER}/conv.cc`,
  script: onnxruntimeScript(`
const session = await sessionOf("Conv", [ints("pads", 0, 1)], [1, 2, 3], [2, 2, 3], [1, 2, 2], ${OPTIONS});
const x = floats(new Float32Array(6).fill(1), [1, 2, 3]);
const w = floats(new Float32Array(12).fill(1), [2, 2, 3]);
const { y } = await session.run({ x, w });
console.log("ones, kernel and image of 3, one zero at the end: y is", y.data.join(" "), "and should be 6 4 6 4");
process.exit(y.data.join(" ") === "6 4 6 4" ? 0 : 1);`),
};

export const groupedTransposeReadsPastWeights: ExpectedFailure = {
  ...COMMON,
  id: "onnxruntime-webgpu-conv-transpose-groups",
  title:
    "the WebGPU ConvTranspose reads the wrong weights in all groups but the first where a group has one " +
    "output channel and an even number of inputs",
  implementations: { "onnxruntime-webgpu": ["backwardData"] },
  explains: ({ problem: { groups, inChannels, outChannels, input } }) =>
    input.length < 3 && groups > 1 && inChannels === groups && (outChannels / groups) % 2 === 0,
  reproductions: [
    {
      pass: "backwardData",
      descriptor: "g2mb1_ic2oc4_iw1ow1_kw1",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "dx[1] is 0",
      expected: "dy[2]·w[2] + dy[3]·w[3]",
    },
  ],
  cause:
    "With one output channel in a group the weights are read as vec2 or vec4 along the inputs of the " +
    "group. The first of a group is addressed " +
    "by its number among all inputs, which is not divided by 2 or 4.",
  link: `${FOLDER}/conv_backprop.cc`,
  script: onnxruntimeScript(`
const session = await sessionOf("ConvTranspose", [integer("group", 2)], [1, 4, 1], [4, 1, 1], [1, 2, 1], ${OPTIONS});
const x = floats([1, 1, 1, 1], [1, 4, 1]);
const w = floats([1, 2, 3, 4], [4, 1, 1]);
const { y } = await session.run({ x, w });
console.log("ones, weights 1 2 3 4, two groups: y is", y.data.join(" "), "and should be 3 7");
process.exit(y.data.join(" ") === "3 7" ? 0 : 1);`),
};
