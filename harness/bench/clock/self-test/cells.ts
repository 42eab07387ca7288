import { parseDescriptor } from "../../../../core/descriptor.ts";
import type { Layer } from "../../../../suites/suite.ts";

/** From a twentieth of a millisecond to some ten of them; twentieths of the output channels are whole. */
const DESCRIPTORS = [
  'mb1ic4ih10oc20kh3_n"0.06M"',
  'mb1ic8ih14oc20kh3_n"0.2M"',
  'mb1ic16ih12oc40kh3_n"0.6M"',
  'mb1ic32ih16oc40kh3_n"2M"',
  'mb1ic64ih28oc60kh1_n"3M"',
  'mb1ic32ih24oc40kh3_n"6M"',
  'mb1ic16ih32oc40kh5_n"13M"',
  'mb1ic64ih30oc60kh3_n"27M"',
];

/** Eight layers, named by their multiply-adds. */
export const SELF_TEST_LAYERS: readonly Layer[] = DESCRIPTORS.map((text) => {
  const { problem } = parseDescriptor(text);
  return { kind: "convolution", name: problem.name ?? text, problem, multiplicity: 1 };
});
