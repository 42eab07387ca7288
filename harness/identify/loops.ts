/** The loops that give the products of a sum in a given order. */

/** A loop over an index, or over the blocks of the channels or inside them. */
interface Loop {
  readonly name: string;
  readonly extent: number;
  /** What one step adds to the place in memory order. */
  readonly step: number;
}

export interface LoopNest {
  /** From the outermost to the innermost, such as `channel/16 row column channel%16`. */
  readonly names: readonly string[];
  readonly isReversed: boolean;
  /** Taps run from the last to the first, the outer index forwards. */
  readonly isMirrored: boolean;
}

const AXIS_NAMES: Readonly<Record<number, readonly string[]>> = {
  1: ["column"],
  2: ["row", "column"],
  3: ["depth", "row", "column"],
};
/** The indices of the products, the last one fastest. */
export interface Indices {
  readonly outerName: "channel" | "filter" | "image";
  readonly extents: readonly number[];
}

/**
 * The nest with the fewest loops that gives the products in this order: the indices in some order, the channels (of a
 * gradient, the filters or images) whole or in blocks, the taps from the last on where nothing else does. Undefined
 * where none does.
 */
export function loopsOf(order: readonly number[], { outerName, extents }: Indices): LoopNest | undefined {
  const count = extents.reduce((product, extent) => product * extent, 1);
  if (order.length !== count) return undefined;
  const names = [outerName, ...(AXIS_NAMES[extents.length - 1] ?? [])];
  const steps = extents.map((_, axis) => extents.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  const whole = names.map((name, axis): Loop => ({ name, extent: extents[axis]!, step: steps[axis]! }));
  const used = whole.filter(({ extent }) => extent > 1);
  const nests = [...permutations(used)];
  const [outer, ...taps] = whole;
  if (outer !== undefined && outer.extent > 1) {
    for (let block = 2; block < outer.extent; block++) {
      const blocks = {
        name: `${outerName}/${block}`,
        extent: Math.ceil(outer.extent / block),
        step: block * outer.step,
      };
      const inside = { name: `${outerName}%${block}`, extent: block, step: outer.step };
      for (const nest of permutations([blocks, inside, ...taps.filter(({ extent }) => extent > 1)]))
        if (nest.indexOf(blocks) < nest.indexOf(inside)) nests.push(nest);
    }
  }
  const found = (given: readonly number[]): readonly string[] | undefined =>
    nests.find((loops) => gives(loops, given, count))?.map(({ name }) => name);
  const forwards = found(order);
  if (forwards !== undefined) return { names: forwards, isReversed: false, isMirrored: false };
  const backwards = found(order.toReversed());
  if (backwards !== undefined) return { names: backwards, isReversed: true, isMirrored: false };
  const kernel = steps[0]!;
  const mirrored = found(order.map((at) => at - (at % kernel) + (kernel - 1 - (at % kernel))));
  return mirrored && { names: mirrored, isReversed: false, isMirrored: true };
}

/** Whether the loops give the products in this order; those beyond the last channel are left out. */
function gives(loops: readonly Loop[], order: readonly number[], count: number): boolean {
  let next = 0;
  const walk = (depth: number, at: number): boolean => {
    const loop = loops[depth];
    if (loop === undefined) return at >= count || order[next++] === at;
    for (let i = 0; i < loop.extent; i++) if (!walk(depth + 1, at + i * loop.step)) return false;
    return true;
  };
  return walk(0, 0) && next === count;
}

function* permutations<T>(items: readonly T[]): Generator<readonly T[], void, undefined> {
  if (items.length === 0) yield [];
  for (const [at, item] of items.entries())
    for (const rest of permutations(items.toSpliced(at, 1))) yield [item, ...rest];
}
