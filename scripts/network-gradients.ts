import { commandLine } from "../core/command-line.ts";
import type { Network } from "../core/network.ts";
import { plainText } from "../core/plain-text.ts";
import { UsageError } from "../core/usage-error.ts";
import { classesOf } from "../harness/bench/training/point.ts";
import { gradientAgreements } from "../suites/network-gradients.ts";
import { findNetwork, NETWORKS } from "../suites/networks/index.ts";
import { reducedNetwork } from "../suites/training.ts";
import { SEED_OPTION, seedOf } from "./cli/common-options.ts";
import { EXIT, main } from "./cli/main.ts";
import { isOnnxFile, onnxNetwork, refuseShape, SHAPE_OPTION } from "./cli/onnx-file.ts";
import { listed, oneOf, type ParsedOptions } from "./cli/options.ts";

const NAMES = NETWORKS.map(({ name }) => name);
const CALL = commandLine("network-gradients", ["A,B"]);
const USAGE = `${CALL} [options]
Checks the reference's own gradients of whole networks at reduced size, in a training step and in inference: reverse
mode against forward mode and against differences of the outputs.
Networks: ${NAMES.join(", ")}, or a file FILE.onnx`;

await main({ usage: USAGE, options: { seed: SEED_OPTION, shape: SHAPE_OPTION }, takesWords: true }, (parsed) => {
  const seed = seedOf(parsed);
  const names = parsed.words.flatMap(listed);
  if (names.length === 0) throw new UsageError(`a network is missing: ${CALL}; known: ${NAMES.join(", ")}`);
  if (!names.some(isOnnxFile)) refuseShape(parsed, "a file FILE.onnx");
  const networks = names.map((name) => networkOf(name, parsed));
  networks.forEach(classesOf);
  let status: number = EXIT.ok;
  for (const network of networks.map(reducedNetwork)) {
    const size = [network.input.channels, ...network.input.spatial].join("×");
    for (const phase of ["training", "inference"] as const) {
      const agreements = gradientAgreements(network, phase, seed);
      const wrong = agreements.filter(({ agrees }) => !agrees);
      const agreed = `${agreements.length - wrong.length} of ${agreements.length} gradients agree`;
      process.stdout.write(`${plainText(network.name)}, ${size}, ${phase}: ${agreed}\n`);
      for (const { moved, reverse, other } of wrong) {
        status = EXIT.failed;
        process.stdout.write(`  ${plainText(moved)}: ${reverse} in reverse mode, ${other} otherwise\n`);
      }
    }
  }
  return status;
});

/**
 * A network by name, or of an ONNX model.
 * @throws UsageError for an unknown name, and for a model of which not every node is a layer that we know.
 */
function networkOf(name: string, parsed: ParsedOptions): Network {
  if (isOnnxFile(name)) {
    const { network, gaps } = onnxNetwork(name, parsed);
    if (network === undefined) throw new UsageError(`${plainText(name)} has no gradients: ${plainText(gaps[0] ?? "")}`);
    return network;
  }
  return findNetwork(oneOf("network", name, NAMES))!;
}
