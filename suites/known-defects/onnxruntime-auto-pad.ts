import { paddingAxes } from "./geometry.ts";
import type { KnownDefect } from "./known-defect.ts";

/** With nothing to pad, auto_pad crops the input at its beginning: both directions share the arithmetic, and differ in when it shows. */
function cropping(direction: "UPPER" | "LOWER", unread: number, descriptor: string): KnownDefect {
  const extent = unread + 1;
  return {
    id: `onnxruntime-auto-pad-${direction.toLowerCase()}-crops`,
    title: `Conv with auto_pad=SAME_${direction} skips elements at the beginning where the windows leave ${unread} or more at the end unread`,
    packageName: "onnxruntime-node",
    versions: ["1.30."],
    contenders: { [`onnxruntime:same-${direction.toLowerCase()}`]: ["forward"] },
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
      "The padding that SAME needs, (output − 1)·stride + kernel − input, is not limited to 0 from below (TensorFlow, which defines SAME, takes max(0, …)). " +
      "Where it is negative, half of it becomes a negative padding at the beginning, and the windows start inside the input.",
    link: "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/providers/common.h",
    issue: "https://github.com/microsoft/onnxruntime/issues/10086",
    script: `// npm install onnxruntime-node@1.30.0
process.env.ORT_DISABLE_TELEMETRY = "1";
const { default: ort } = await import("onnxruntime-node");
// A protocol buffer field: text or a message with its length, or an integer.
const varint = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]);
const field = (number, value) => {
  if (typeof value === "number") return Buffer.from([...varint(number << 3), ...varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes]);
};
const message = (...fields) => Buffer.concat(fields);
const ints = (name, ...values) => field(5, message(field(1, name), ...values.map((value) => field(8, value)), field(20, 7)));
const text = (name, value) => field(5, message(field(1, name), field(4, value), field(20, 3)));
const shape = (...dims) => field(2, message(...dims.map((dim) => field(1, message(field(1, dim))))));
const tensor = (name, ...dims) => message(field(1, name), field(2, field(1, message(field(1, 1), shape(...dims)))));
const conv = message(
  field(1, "x"), field(1, "w"), field(2, "y"), field(4, "Conv"),
  ints("kernel_shape", 1), ints("strides", ${extent}), text("auto_pad", "SAME_${direction}"),
);
const graph = message(
  field(1, conv), field(2, "g"), field(11, tensor("x", 1, 1, ${extent})), field(11, tensor("w", 1, 1, 1)), field(12, tensor("y", 1, 1, 1)),
);
const model = message(field(1, 8), field(7, graph), field(8, message(field(2, 17))));
const session = await ort.InferenceSession.create(model);
const x = new ort.Tensor("float32", Float32Array.from({ length: ${extent} }, (_, i) => i + 1), [1, 1, ${extent}]);
const w = new ort.Tensor("float32", Float32Array.of(1), [1, 1, 1]);
const { y } = await session.run({ x, w });
console.log("x", x.data.join(" "), "kernel 1, stride ${extent}, SAME_${direction}: y is", y.data[0], "and should be x[0] = 1");
process.exit(y.data[0] === 1 ? 0 : 1);
`,
  };
}

export const autoPadUpperCrops = cropping("UPPER", 3, "mb1_ic1oc1_iw4ow1kw1sw4pw0");
export const autoPadLowerCrops = cropping("LOWER", 4, "mb1_ic1oc1_iw5ow1kw1sw5pw0");
