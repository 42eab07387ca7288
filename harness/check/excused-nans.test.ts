import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { Pass } from "../../core/problem.ts";
import { excusedNans } from "./excused-nans.ts";

/** Which elements of a result may be NaN, where an operand holds one NaN. */
const EXCUSED: readonly (readonly [what: string, descriptor: string, Pass, Record<string, number[]>, number[]])[] = [
  ["padding", "mb1ic1oc1iw4kw3pw1", "forward", { x: [1, 1, 1, 1], weights: [NaN, 1, 1] }, [1, 0, 0, 0]],
  ["dilation", "mb1ic1oc1iw4ow2kw2dw1pw0", "forward", { x: [1, NaN, 1, 1], weights: [1, 1] }, [1, 0]],
  ["another group", "g2mb1ic2oc2iw1kw1", "forward", { x: [NaN, 1], weights: [1, 1] }, [0, 1]],
  ["stride", "mb1ic1oc1iw3ow2kw1sw2pw0", "backwardData", { dy: [1, 1], weights: [NaN] }, [0, 1, 0]],
  ["the border", "mb1ic1oc1iw2kw3pw1", "backwardData", { dy: [1, 1], weights: [NaN, 1, 1] }, [0, 1]],
  ["stride", "mb1ic1oc1iw3ow2kw1sw2pw0", "backwardWeights", { x: [1, NaN, 1], dy: [1, 1] }, [1]],
  ["padding", "mb1ic1oc1iw2kw3pw1", "backwardWeights", { x: [1, 1], dy: [NaN, 1] }, [1, 0, 0]],
];

test.each(EXCUSED)("a zero of %s excuses a NaN: %s, %s", (_, descriptor, pass, operands, flags) => {
  const { problem } = parseDescriptor(descriptor, false);
  const tensors = Object.fromEntries(
    Object.entries(operands).map(([name, values]) => [name, Float32Array.from(values)]),
  );
  expect([...excusedNans(problem, pass, tensors)]).toEqual(flags);
});
