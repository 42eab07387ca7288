import type { Coordinate, Product, Strided } from "./product.ts";

/**
 * What a product's shader depends on beside the product: the operands' storage type, the number of slices of the sum,
 * and whether a bias is added.
 */
export interface ShaderOptions {
  readonly storage: "f32" | "f16";
  /** Slice s writes its partial sums behind those of slice s − 1; a single slice is the result. */
  readonly splits: number;
  /** Where the first slice lies, in slices. */
  readonly firstSlice: number;
  readonly outElements: number;
  /** The bias of row m of group g is `bias[g·rows + m]`; never with several slices. */
  readonly bias: boolean;
}

/** A shader with the number of workgroups that do the product. */
export interface Shader {
  readonly code: string;
  readonly workgroups: number;
}

/** Slices begin at multiples of this many steps. */
export const DEPTH_STEP = 16;

/** The most numbers that {@link depthFields} has. */
export const MOST_FIELDS = 5;

const AXES = ["d", "h", "w"] as const;

/**
 * What a step of the sum needs: the source's offset, A's where it is not the step itself, and the coordinates of the
 * checked axes.
 */
export function depthFields(product: Product): readonly string[] {
  return ["source", ...(isDense(product.aDepth) ? [] : ["a"]), ...AXES.filter((_, axis) => product.isChecked[axis])];
}

/** Digit by digit the entries of {@link depthFields} for each step of the sum, in one table. */
export function depthTable(product: Product): Int32Array {
  const fields = depthFields(product);
  const table = new Int32Array(Math.max(1, product.depth) * fields.length);
  let at = 0;
  for (let k = 0; k < product.depth; k++) {
    const digits = digitsOf(k, product.sourceDepth);
    for (const field of fields) {
      const axis = AXES.findIndex((name) => name === field);
      const coordinate = product.depthCoordinates[axis];
      if (field === "source") table[at++] = offsetOf(digits, product.sourceDepth);
      else if (field === "a") table[at++] = offsetOf(digits, product.aDepth);
      else table[at++] = digits[axis + 1]! * (coordinate?.scale ?? 0) + (coordinate?.origin ?? 0);
    }
  }
  return table;
}

/** A and the source have the same digits of k. */
function digitsOf(index: number, { extents }: Strided): readonly [number, number, number, number] {
  const [, depth, height, width] = extents;
  const line = Math.floor(index / width);
  const plane = Math.floor(line / height);
  return [Math.floor(plane / depth), plane % depth, line % height, index % width];
}

function offsetOf(digits: readonly [number, number, number, number], { strides, offset }: Strided): number {
  const [outer, depth, height, width] = strides;
  return digits[0] * outer + digits[1] * depth + digits[2] * height + digits[3] * width + offset;
}

function isDense({ extents, strides, offset }: Strided): boolean {
  const [, depth, height, width] = extents;
  const dense = [depth * height * width, height * width, width, 1];
  return offset === 0 && extents.every((extent, digit) => extent === 1 || strides[digit] === dense[digit]);
}

/** The bindings and functions that every product's shader has. Indices are i32: no tensor has 2^31 elements. */
export function preamble(product: Product, { storage, bias, splits }: ShaderOptions): string {
  const fields = depthFields(product);
  const checked = AXES.filter((_, axis) => product.isChecked[axis]);
  const inside = AXES.flatMap((name, axis) =>
    product.isChecked[axis] ? [`u32(column.${name} + step.${name}) < ${product.sourceExtents[axis]}u`] : [],
  );
  const read = "f32(source[column.source + step.source])";
  const stepsPerSlice = Math.ceil(Math.ceil(product.depth / splits) / DEPTH_STEP) * DEPTH_STEP;
  return `${storage === "f16" ? "enable f16;\n" : ""}
@group(0) @binding(0) var<storage, read> a: array<${storage}>;
@group(0) @binding(1) var<storage, read> source: array<${storage}>;
@group(0) @binding(2) var<storage, read> table: array<i32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
${bias ? "@group(0) @binding(4) var<storage, read> bias: array<f32>;" : ""}
const DEPTH = ${product.depth};
const ROWS = ${product.rows};
const COLUMNS = ${product.columns};
const SLICE = ${Math.max(DEPTH_STEP, stepsPerSlice)};
struct Column { source: i32, ${checked.map((name) => `${name}: i32, `).join("")}}
struct Step { ${fields.map((name) => `${name}: i32, `).join("")}}
fn columnOf(index: i32, group: i32) -> Column {
  ${digitsText(product.sourceColumn)}
  return Column(${offsetText(product.sourceColumn)} + group * ${product.sourceGroup}${coordinatesText(product)});
}
fn stepOf(k: i32) -> Step {
  return Step(${fields.map((_, field) => `table[k * ${fields.length} + ${field}]`).join(", ")});
}
fn sourceAt(column: Column, step: Step) -> f32 {
  ${inside.length === 0 ? `return ${read};` : `if (${inside.join(" && ")}) { return ${read}; }\n  return 0.0;`}
}
fn aRowStart(row: i32, group: i32) -> i32 { return group * ${product.aGroup} + row * ${product.aRow}; }
fn aAt(rowStart: i32, k: i32, step: Step) -> f32 { return f32(a[rowStart + ${fields.includes("a") ? "step.a" : "k"}]); }
`;
}

/** Names the digits of `index`: o, d, h, w. */
function digitsText({ extents }: Strided): string {
  const [, depth, height, width] = extents;
  return `let u = u32(index);
  let w = i32(u % ${width}u); let line = u / ${width}u;
  let h = i32(line % ${height}u); let plane = line / ${height}u;
  let d = i32(plane % ${depth}u); let o = i32(plane / ${depth}u);`;
}

function offsetText({ strides, offset }: Strided): string {
  const [outer, depth, height, width] = strides;
  return `o * ${outer} + d * ${depth} + h * ${height} + w * ${width} + ${offset}`;
}

function coordinatesText({ columnCoordinates, isChecked }: Product): string {
  const text = (name: string, { scale, origin }: Coordinate): string => `, ${name} * ${scale} + ${origin}`;
  return AXES.flatMap((name, axis) => (isChecked[axis] ? [text(name, columnCoordinates[axis]!)] : [])).join("");
}

/**
 * `store` writes one element, which lies at `at + row · (a constant)`: its partial sum, or with one slice the result.
 */
export function storeText(product: Product, { splits, firstSlice, outElements, bias }: ShaderOptions): string {
  const biased = bias ? " + bias[group * ROWS + row]" : "";
  const slice = splits === 1 ? firstSlice * outElements : `(slice + ${firstSlice}) * ${outElements}`;
  return `fn store(row: i32, isColumn: bool, at: i32, group: i32, sum: f32) {
  if (row < ROWS && isColumn) { out[at + row * ${product.outRow}] = sum${biased}; }
}
fn outAt(index: i32, group: i32, slice: i32) -> i32 {
  ${digitsText(product.outColumn)}
  return ${offsetText(product.outColumn)} + group * ${product.outGroup} + ${slice};
}
`;
}

/**
 * The beginning of a shader's main function: which block of rows, block of columns, slice and group this workgroup
 * does.
 */
export function blocksText(
  product: Product,
  threads: number,
  rowBlocks: number,
  columnBlocks: number,
  splits: number,
): string {
  const workgroups = rowBlocks * columnBlocks * splits * product.groups;
  return `@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let block = id.x + id.y * grid.x;
  if (block >= ${workgroups}u) { return; }
  let thread = i32(local);
  let rowBlock = i32(block % ${rowBlocks}u);
  let columnBlock = i32(block / ${rowBlocks}u % ${columnBlocks}u);
  let slice = i32(block / ${rowBlocks * columnBlocks}u % ${splits}u);
  let group = i32(block / ${rowBlocks * columnBlocks * splits}u);
  let kBegin = slice * SLICE;
  let kEnd = min(kBegin + SLICE, DEPTH);
`;
}
