import { nearNames } from "../../core/near-names.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { GivenShape } from "./infer-shapes.ts";
import type { OnnxDim, OnnxModel } from "./model.ts";
import { checkDims, shortText } from "./tensor.ts";

/**
 * Inputs of operators that are parameters. A file may list its weights as inputs of the graph and hold no elements for
 * them.
 */
const PARAMETER_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  MatMul: [1],
  BatchNormalization: [1, 2, 3, 4],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  PRelu: [1],
  Reshape: [1],
  Clip: [1, 2],
};

/**
 * The graph's inputs that are no parameters, with the shapes that the file or the user gives.
 * @throws {UsageError} where a shape is dynamic and not given, or given for no input, or with other axes than the
 * file's.
 */
export function networkInputs(
  model: OnnxModel,
  given: readonly GivenShape[],
  inputsAreFed: boolean,
): readonly GivenShape[] {
  const parameters = inputsAreFed ? new Set<string>() : parameterInputs(model);
  const inputs = model.inputs.filter(({ name }) => !model.initializers.has(name) && !parameters.has(name));
  const names = inputs.map(({ name }) => name);
  for (const { name } of given) {
    if (names.includes(name)) continue;
    const near = nearNames(name, names);
    const [shown, known] = [shortText(name), near.length > 0 ? near : names.slice(0, 3)];
    const others = known.map((one) => `"${shortText(one)}"`).join(", ");
    const hint = known.length === 0 ? "it has none" : `there is ${others}`;
    throw new UsageError(`it has no input "${shown}" to give a shape; ${hint}`);
  }
  return inputs.map(({ name, dims }) => {
    const chosen = given.find((shape) => shape.name === name)?.dims;
    if (chosen === undefined) return { name, dims: fixedDims(name, dims) };
    if (dims !== undefined && chosen.length !== dims.length)
      throw new UsageError(`its input "${shortText(name)}" has ${dims.length} axes, the given shape ${chosen.length}`);
    checkDims(`the given shape of "${shortText(name)}"`, chosen);
    return { name, dims: chosen };
  });
}

/**
 * A name and its shape as a user types them: `data=1,3,224,224`; the last `=` separates. @throws {UsageError} for any
 * other text.
 */
export function parseShape(text: string): GivenShape {
  const at = text.lastIndexOf("=");
  const dims = text.slice(at + 1).split(/[,x]/);
  if (at < 1 || !dims.every((dim) => /^[1-9]\d{0,9}$/.test(dim)))
    throw new UsageError(`a shape is written name=1,3,224,224, got "${shortText(text)}"`);
  return { name: text.slice(0, at), dims: dims.map(Number) };
}

function fixedDims(name: string, dims: readonly OnnxDim[] | undefined): readonly number[] {
  const shown = shortText(name);
  if (dims === undefined)
    throw new UsageError(`its input "${shown}" has no shape; give one, such as --shape ${shown}=1,3,224,224`);
  const fixed = dims.filter((dim) => typeof dim === "number");
  if (fixed.length === dims.length) {
    checkDims(`its input "${shown}"`, fixed);
    return fixed;
  }
  const described = dims.map((dim) => (typeof dim === "number" ? `${dim}` : shortText(dim.dynamic) || "?"));
  const example = dims.map((dim, axis) => (typeof dim === "number" ? dim : axis === 0 ? 1 : axis === 1 ? 3 : 224));
  throw new UsageError(
    `its input "${shown}" has the dynamic shape [${described.join(", ")}]; give one, such as --shape ` +
      `${shown}=${example.join(",")}`,
  );
}

/** Inputs without elements that only ever stand where an operator takes a parameter. */
function parameterInputs(model: OnnxModel): ReadonlySet<string> {
  const used = new Set<string>();
  const usedOtherwise = new Set<string>();
  for (const node of model.nodes)
    for (const [index, name] of node.inputs.entries())
      (PARAMETER_INPUTS[node.op]?.includes(index) === true ? used : usedOtherwise).add(name);
  return used.difference(usedOtherwise);
}
