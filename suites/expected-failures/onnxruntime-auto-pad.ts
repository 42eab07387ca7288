import { paddingAxes } from "./geometry.ts";
import type { ExpectedFailure } from "./expected-failure.ts";
import { onnxruntimeScript } from "./onnxruntime-script.ts";

/**
 * Where nothing has to be padded, auto_pad crops the input at its beginning: both directions do, from other sizes on.
 */
function cropping(direction: "UPPER" | "LOWER", unread: number, descriptor: string): ExpectedFailure {
  const extent = unread + 1;
  return {
    id: `onnxruntime-auto-pad-${direction.toLowerCase()}-crops`,
    title:
      `Conv with auto_pad=SAME_${direction} skips elements at the beginning where the windows leave ` +
      `${unread} or more at the end unread`,
    packageName: "onnxruntime-node",
    versions: ["1.30."],
    implementations: { [`onnxruntime:same-${direction.toLowerCase()}`]: ["forward"] },
    explains: ({ problem }) => paddingAxes(problem).some(({ needed }) => -needed >= unread),
    reproductions: [
      {
        pass: "forward",
        descriptor,
        bias: false,
        data: "dense-exact",
        seed: 1,
        got: "x[1]·w[0]",
        expected: "x[0]·w[0]",
      },
    ],
    cause:
      "The padding that SAME needs, (output − 1)·stride + kernel − input, is not limited to 0 from below " +
      "(TensorFlow, which defines SAME, takes max(0, …)). " +
      "Where it is negative, half of it becomes a negative padding at the beginning, and the windows " +
      "start inside the input.",
    link: "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/providers/common.h",
    issue: "https://github.com/microsoft/onnxruntime/issues/10086",
    script: onnxruntimeScript(`
const attributes = [ints("kernel_shape", 1), ints("strides", ${extent}), text("auto_pad", "SAME_${direction}")];
const session = await sessionOf("Conv", attributes, [1, 1, ${extent}], [1, 1, 1], [1, 1, 1]);
const x = floats(Array.from({ length: ${extent} }, (_, i) => i + 1), [1, 1, ${extent}]);
const { y } = await session.run({ x, w: floats([1], [1, 1, 1]) });
console.log("x", x.data.join(" "), "kernel 1, stride ${extent}, SAME_${direction}: y is", y.data[0], "and should be x[0] = 1");
process.exit(y.data[0] === 1 ? 0 : 1);`),
  };
}

export const autoPadUpperCrops = cropping("UPPER", 3, "mb1_ic1oc1_iw4ow1kw1sw4pw0");
export const autoPadLowerCrops = cropping("LOWER", 4, "mb1_ic1oc1_iw5ow1kw1sw5pw0");
