/**
 * A script that runs graphs of one node y = operator(x, w) on onnxruntime-node alone: `body` finds `sessionOf(operator,
 * attributes, xShape, wShape, yShape, options)`, `ints`, `integer` and `text` for the attributes, and `floats(data,
 * dims)`.
 */
export function onnxruntimeScript(body: string): string {
  return `// npm install onnxruntime-node@1.30.0
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
const integer = (name, value) => field(5, message(field(1, name), field(3, value), field(20, 2)));
const text = (name, value) => field(5, message(field(1, name), field(4, value), field(20, 3)));
const shape = (...dims) => field(2, message(...dims.map((dim) => field(1, message(field(1, dim))))));
const tensor = (name, ...dims) => message(field(1, name), field(2, field(1, message(field(1, 1), shape(...dims)))));
// One node of x and w to y.
const sessionOf = (operator, attributes, x, w, y, options) => {
  const node = message(field(1, "x"), field(1, "w"), field(2, "y"), field(4, operator), ...attributes);
  const values = [field(11, tensor("x", ...x)), field(11, tensor("w", ...w)), field(12, tensor("y", ...y))];
  const graph = message(field(1, node), field(2, "g"), ...values);
  const model = message(field(1, 8), field(7, graph), field(8, message(field(2, 17))));
  return ort.InferenceSession.create(model, options);
};
const floats = (data, dims) => new ort.Tensor("float32", Float32Array.from(data), dims);
${body.trim()}
`;
}
