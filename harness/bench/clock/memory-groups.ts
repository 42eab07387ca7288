/** Which implementations are resident together, where the memory does not hold all of them at once. */
import { byteCounts, elementCount } from "../../../core/shape.ts";
import type { Pass } from "../../../core/problem.ts";
import { layerOperands, layerOutputs } from "../../../reference/graph/layer-problem.ts";
import type { TimedLayer } from "../../../suites/suite.ts";
import type { Implementation } from "../../runner/discovery.ts";
import { computes, partsOf, type Part } from "./work.ts";

/** Implementations that stay together: those that are compared, or a single one. */
export type Unit<I = Implementation> = readonly I[];
export type Group<I = Implementation> = readonly Unit<I>[];

/** What a process takes before it has operands: Node and a library of usual size. */
const PROCESS_BYTES = 96 * 2 ** 20;
/** Two sets of operands, the arrays that the plugin is lent, and what it packs of them. */
const COPIES = 4;
/** The harness draws both sets, and makes sums of them in float64. */
const OWN_COPIES = 3;
/** The rest is for what nobody counts. */
const SHARE = 0.9;

/** About how many bytes the process of an implementation takes while it computes the largest of these layers. */
export function neededBytes(layers: readonly TimedLayer[], passes: readonly Pass[]): number {
  return PROCESS_BYTES + COPIES * largestBytes(layers, passes);
}

/** How much of what is available now there is for implementations, beside what the harness takes. */
export function roomBytes(availableBytes: number, layers: readonly TimedLayer[], passes: readonly Pass[]): number {
  return SHARE * availableBytes - OWN_COPIES * largestBytes(layers, passes);
}

function largestBytes(layers: readonly TimedLayer[], passes: readonly Pass[]): number {
  const bytes = layers.flatMap((layer) =>
    passes
      .filter((pass) => computes(layer, pass))
      .map((pass) => partsOf(layer, pass).parts.reduce((sum, part) => sum + bytesOf(part, pass), 0)),
  );
  return Math.max(0, ...bytes);
}

function bytesOf(part: Part, pass: Pass): number {
  switch (part.kind) {
    case "convolution": {
      const { operands, outputs } = byteCounts(part.problem, pass);
      return operands + outputs;
    }
    case "other": {
      const shapes = [...layerOperands(part.layer, pass), ...layerOutputs(part.layer, pass)];
      return Float32Array.BYTES_PER_ELEMENT * shapes.reduce((sum, [, shape]) => sum + elementCount(shape), 0);
    }
    case "model": {
      const { file, graph } = part.model;
      const values = [...graph.inputs, ...graph.outputs];
      return (
        file.length + Float32Array.BYTES_PER_ELEMENT * values.reduce((sum, { dims }) => sum + elementCount(dims), 0)
      );
    }
  }
}

/** Units in groups that fit the room, in their order; a unit that fits nowhere has a group of its own. */
export function groupsThatFit<I>(units: readonly Unit<I>[], bytesOfOne: number, room: number): readonly Group<I>[] {
  const groups: { readonly units: Unit<I>[]; bytes: number }[] = [];
  for (const unit of units) {
    const bytes = unit.length * bytesOfOne;
    const last = groups.at(-1);
    if (last !== undefined && last.bytes + bytes <= room) {
      last.units.push(unit);
      last.bytes += bytes;
    } else {
      groups.push({ units: [unit], bytes });
    }
  }
  return groups.map((group) => group.units);
}

/**
 * The groups when the unit of an implementation has one of its own, the last; a unit that was alone already is split. A
 * group that is left without units stays, so that the others keep their places.
 */
export function setApart<I>(groups: readonly Group<I>[], implementation: I): readonly Group<I>[] {
  const unit = groups.flat().find((each) => each.includes(implementation));
  if (unit === undefined) return groups;
  const isAlone = groups.some((group) => group.length === 1 && group[0] === unit);
  const rest = groups.map((group) => group.filter((each) => each !== unit));
  return [...rest, ...(isAlone ? unit.map((one) => [[one]]) : [[unit]])];
}

/** The implementations of a group. */
export function membersOf<I>(group: Group<I>): readonly I[] {
  return group.flat();
}
