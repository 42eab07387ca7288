import type { TensorName } from "../../core/plugin.ts";
import { flatten, unravel } from "../../core/indexing.ts";

/** Where an output is wrong, as a person looks at it: the places often tell the cause. */
export interface WrongPlaces {
  /** A caption and a grid of the plane that holds the worst element: `·` right, `■` wrong. */
  readonly picture: readonly string[];
  /** One sentence: how many elements, and along which axes they lie together. */
  readonly pattern: string;
}

const RIGHT = "·";
const WRONG = "■";
const MOST_ROWS = 16;
const MOST_COLUMNS = 32;

/**
 * Draws where a row-major output is wrong: one flag per element, at least one set, and the multi-index of the worst.
 * Large planes are sampled down; a mark is wrong where any of its elements is.
 */
export function wrongPlaces(
  tensor: TensorName,
  shape: readonly number[],
  isWrong: Uint8Array,
  worst: readonly number[],
): WrongPlaces {
  return { picture: drawPlane(tensor, shape, isWrong, worst), pattern: describePattern(tensor, shape, isWrong) };
}

function drawPlane(
  tensor: TensorName,
  shape: readonly number[],
  isWrong: Uint8Array,
  worst: readonly number[],
): string[] {
  const [vertical, horizontal] = planeAxes(shape);
  const columns = shape[horizontal]!;
  const rows = vertical === undefined ? 1 : shape[vertical]!;
  const height = Math.ceil(rows / MOST_ROWS);
  const width = Math.ceil(columns / MOST_COLUMNS);
  const cells = Array.from({ length: Math.ceil(rows / height) }, () =>
    Array.from({ length: Math.ceil(columns / width) }, () => RIGHT),
  );
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const index = worst.with(horizontal, column);
      if (vertical !== undefined) index[vertical] = row;
      if (isWrong[flatten(index, shape)] === 1) cells[Math.floor(row / height)]![Math.floor(column / width)] = WRONG;
    }
  }
  const place = worst.map((at, axis) => (axis === horizontal || axis === vertical ? ":" : at)).join(", ");
  const grain = height * width === 1 ? "" : `, ${height}×${width} elements a mark`;
  return [`${tensor}[${place}]: ${WRONG} wrong, ${RIGHT} right${grain}`, ...cells.map((cell) => cell.join(" "))];
}

/** Down and across: the two last axes where they have an extent, else the nearest before them. */
function planeAxes(shape: readonly number[]): readonly [number | undefined, number] {
  const wide = [...shape.keys()].filter((axis) => shape[axis]! > 1);
  const spatial = wide.filter((axis) => axis >= 2);
  const axes = (spatial.length > 0 ? spatial : wide).slice(-2);
  const horizontal = axes.at(-1) ?? shape.length - 1;
  return [axes.length === 2 ? axes[0] : undefined, horizontal];
}

function describePattern(tensor: TensorName, shape: readonly number[], isWrong: Uint8Array): string {
  const wrong = Array.from(isWrong.keys()).filter((flat) => isWrong[flat] === 1);
  if (wrong.length === isWrong.length) {
    return wrong.length === 1 ? "the only element is wrong" : `all ${wrong.length} elements are wrong`;
  }
  const hits = shape.map((extent) => new Uint8Array(extent));
  let onlyBorder = true;
  for (const flat of wrong) {
    const index = unravel(flat, shape);
    let atBorder = false;
    for (const [axis, at] of index.entries()) {
      hits[axis]![at] = 1;
      if (axis >= 2 && shape[axis]! > 2 && (at === 0 || at === shape[axis]! - 1)) atBorder = true;
    }
    onlyBorder &&= atBorder;
  }
  const names = axisNames(tensor, shape.length);
  const along = shape.flatMap((_, axis) => describeAxis(names[axis]!, hits[axis]!) ?? []);
  // A whole border touches every row and every column.
  const spatialTold = shape.some((_, axis) => axis >= 2 && hits[axis]!.includes(0));
  if (onlyBorder && !spatialTold) along.push("at the border");
  const where = along.length > 0 ? along.map((text) => `only ${text}`) : ["along no axis in particular"];
  return [`wrong in ${wrong.length} of ${isWrong.length} elements`, ...where].join("; ");
}

interface AxisName {
  readonly one: string;
  readonly many: string;
}

function axisNames(tensor: TensorName, rank: number): readonly AxisName[] {
  const plural = (one: string): AxisName => ({ one, many: `${one}s` });
  const place = [["position"], ["row", "column"], ["depth slice", "row", "column"]][rank - 3] ?? [];
  switch (tensor) {
    case "x":
    case "dx":
    case "y":
    case "dy":
    case "residual":
      return ["image", "channel", ...place].map(plural);
    case "weights":
    case "dWeights":
      return ["filter", "channel", ...place.map((name) => `kernel ${name}`)].map(plural);
    case "bias":
    case "dBias":
      return [plural("channel")];
  }
}

/** Which part of an axis is hit, or undefined when all of it is: hit[i] is 1 where something is wrong at i. */
function describeAxis({ one, many }: AxisName, hit: Uint8Array): string | undefined {
  const at = Array.from(hit.keys()).filter((i) => hit[i] === 1);
  const last = hit.length - 1;
  const from = at[0] ?? 0;
  const to = at.at(-1) ?? 0;
  if (at.length === hit.length) return undefined;
  if (at.length === 1)
    return from === 0 ? `in the first ${one}` : from === last ? `in the last ${one}` : `in ${one} ${from}`;
  if (at.length === to - from + 1) {
    return to === last ? `in ${many} ≥ ${from}` : from === 0 ? `in ${many} ≤ ${to}` : `in ${many} ${from} to ${to}`;
  }
  if (at.length === 2 && from === 0 && to === last) return `in the first and the last ${one}`;
  const step = at[1]! - from;
  if (from < step && to + step > last && at.every((i, n) => i === from + n * step)) {
    return `in ${many} ${from}, ${from + step}, … in steps of ${step}`;
  }
  return `in ${at.length} of ${hit.length} ${many}`;
}
