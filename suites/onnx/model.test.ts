import { expect, test } from "vitest";
import { readModel } from "./model.ts";
import { modelBytes } from "./testing/build-model.ts";
import { ONE_CONVOLUTION as CONV } from "./testing/small-network.ts";

test("attributes of files before 2017, which did not say their types, are read by what they hold", () => {
  const attributes = { strides: [2, 2], auto_pad: "SAME_LOWER", group: 1, alpha: { float: 0.5 } };
  const bytes = modelBytes({ ...CONV, nodes: CONV.nodes.map((node) => ({ ...node, attributes })) });
  const typed = readModel(bytes);
  // The tag of AttributeProto.type, field 20, becomes that of an unknown field 21.
  const untyped = Uint8Array.from(bytes);
  for (let at = 0; at < untyped.length - 2; at++)
    if (untyped[at] === 0xa0 && untyped[at + 1] === 1 && untyped[at + 2]! < 8) untyped[at] = 0xa8;
  expect(untyped).not.toEqual(Uint8Array.from(bytes));
  expect(readModel(untyped)).toEqual(typed);
  expect(typed.nodes[0]!.attributes.get("strides")).toEqual({ kind: "integers", value: [2, 2] });
});
