import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../suites/data/random.ts";
import { added } from "./arithmetic.ts";
import { reveal, type AskSizes } from "./reveal.ts";
import { canonical, TreeBuilder, type SummationTree } from "./tree.ts";

/** Any order of summation: the summands are merged in pairs, or in threes where nodes may add several at once. */
function treeArbitrary(mostChildren: 2 | 3): fc.Arbitrary<SummationTree> {
  return fc
    .tuple(fc.integer({ min: 2, max: 40 }), fc.array(fc.nat(), { minLength: 120, maxLength: 120 }))
    .map(([leaves, draws]) => {
      const builder = new TreeBuilder(leaves);
      const open = Array.from({ length: leaves }, (_, id) => id);
      let next = 0;
      const draw = (below: number): number => draws[next++ % draws.length]! % below;
      while (open.length > 1) {
        const count = Math.min(open.length, 2 + draw(mostChildren - 1));
        const children = Array.from({ length: count }, () => open.splice(draw(open.length), 1)[0]!);
        open.push(builder.add(...children));
      }
      return builder.build();
    });
}

/** What a sum in this order gives for masks, each node rounded to float32. */
function asksOf(tree: SummationTree, rounding: "nearest" | "toward-zero" = "nearest"): AskSizes {
  return async (pairs) =>
    pairs.map(({ plus, minus }) => {
      const values = Array.from({ length: tree.leaves }, (_, leaf) =>
        leaf === plus ? 2 ** 100 : leaf === minus ? -(2 ** 100) : 1,
      );
      for (const children of tree.nodes) {
        const summands = children
          .map((child) => values[child]!)
          .toSorted((one, other) => Math.abs(other) - Math.abs(one));
        const [first = 0, second = 0] = summands;
        // Several at once: the exact sum is rounded; masks that meet there take the ones beside them along.
        const areMasks = children.length > 2 && first === -second && Math.abs(first) > 1;
        values.push(areMasks ? 0 : summands.reduce((a, b) => added(a, b, "f32", rounding)));
      }
      return tree.leaves - values.at(-1)!;
    });
}

test("a drawn order of summation is recovered", async () => {
  await fc.assert(
    fc.asyncProperty(treeArbitrary(2), fc.nat(), async (tree, seed) => {
      const revealed = await reveal(tree.leaves, asksOf(tree), randomStream("test", seed));
      expect(revealed.kind === "tree" && canonical(revealed.tree)).toBe(canonical(tree));
    }),
  );
});

test("so are nodes that add three summands at once", async () => {
  await fc.assert(
    fc.asyncProperty(treeArbitrary(3), fc.nat(), async (tree, seed) => {
      const revealed = await reveal(tree.leaves, asksOf(tree), randomStream("test", seed));
      expect(revealed.kind === "tree" && canonical(revealed.tree)).toBe(canonical(tree));
    }),
  );
});

test.each(["forward", "reversed"])("a sequence of 4,608 takes a few questions a product: %s", async (direction) => {
  const leaves = 4608;
  const builder = new TreeBuilder(leaves);
  const ids = Array.from({ length: leaves }, (_, id) => id);
  builder.sequence(direction === "forward" ? ids : ids.toReversed());
  const tree = builder.build();
  const place = (id: number): number => (direction === "forward" ? id : leaves - 1 - id);
  const ask: AskSizes = async (pairs) => pairs.map(({ plus, minus }) => Math.max(place(plus), place(minus), 1) + 1);
  const revealed = await reveal(leaves, ask, randomStream("test", 1));
  expect(revealed.kind === "tree" && canonical(revealed.tree) === canonical(tree)).toBe(true);
  expect(revealed.questions).toBeLessThan(6 * leaves);
});

test("answers that contradict each other are no tree", async () => {
  const sizes = new Map([
    ["0 1", 3],
    ["0 2", 2],
    ["0 3", 2],
  ]);
  const ask: AskSizes = async (pairs) => pairs.map(({ plus, minus }) => sizes.get(`${plus} ${minus}`) ?? 2);
  expect(await reveal(4, ask, randomStream("test", 1))).toMatchObject({ kind: "none", reason: /fit no tree/ });
});
