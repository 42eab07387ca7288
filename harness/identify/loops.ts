/** The loops that visit the products of a sum in a given order. */

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
}

const AXIS_NAMES: Readonly<Record<number, readonly string[]>> = {
  1: ["column"],
  2: ["row", "column"],
  3: ["depth", "row", "column"],
};
/** Channels of a block that libraries use. */
const BLOCKS = [2, 4, 8, 16, 32, 64, 128, 256, 512, 3, 6, 12, 24, 48, 96, 192, 384];

/**
 * The nest with the fewest loops that visits the products in this order: the indices in some order, the channels whole
 * or in blocks. Undefined where none does. `extents` are those of channels and taps; the products are numbered with the
 * last index fastest.
 */
export function loopsOf(order: readonly number[], extents: readonly number[]): LoopNest | undefined {
  const names = ["channel", ...(AXIS_NAMES[extents.length - 1] ?? [])];
  const steps = extents.map((_, axis) => extents.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  const whole = names.map((name, axis): Loop => ({ name, extent: extents[axis]!, step: steps[axis]! }));
  const isAll = order.length === extents.reduce((product, extent) => product * extent, 1);
  if (!isAll) return undefined;
  const used = whole.filter(({ extent }) => extent > 1);
  const nests = [...permutations(used)];
  const [channel, ...taps] = whole;
  if (channel !== undefined && channel.extent > 1) {
    for (let block = 2; block < channel.extent; block++) {
      const outer = { name: `channel/${block}`, extent: Math.ceil(channel.extent / block), step: block * channel.step };
      const inner = { name: `channel%${block}`, extent: block, step: channel.step };
      for (const nest of permutations([outer, inner, ...taps.filter(({ extent }) => extent > 1)]))
        if (nest.indexOf(outer) < nest.indexOf(inner)) nests.push(nest);
    }
  }
  for (const isReversed of [false, true]) {
    const visited = isReversed ? order.toReversed() : order;
    const nest = nests.find((loops) => visits(loops, visited, order.length));
    if (nest !== undefined) return { names: nest.map(({ name }) => name), isReversed };
  }
  return undefined;
}

/** Whether the loops visit the products in this order; those beyond the last channel are left out. */
function visits(loops: readonly Loop[], order: readonly number[], count: number): boolean {
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
