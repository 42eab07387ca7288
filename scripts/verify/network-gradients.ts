import { randomStream } from "../../suites/data/random.ts";
import { plainText } from "../../core/plain-text.ts";
import { classesOf } from "../../harness/bench/training/point.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { Network } from "../../core/network.ts";
import { checkGradientsOf } from "../../reference/graph/random-check.ts";
import { findNetwork, NETWORKS } from "../../suites/networks/index.ts";
import { reducedNetwork } from "../../suites/training.ts";
import { EXIT } from "../cli/main.ts";
import { isOnnxFile, onnxNetwork, refuseShape } from "../cli/onnx-file.ts";
import { oneOf, type ParsedOptions } from "../cli/options.ts";

/**
 * The gradients of a training step and of inference by every parameter of whole networks: reverse mode against forward mode and
 * against differences of the outputs. Gives the exit status.
 * @throws UsageError for a name that no network has, and for an ONNX model of which not every node is a layer that we know, or that does not end
 * with one score a class
 */
export function networkGradients(parsed: ParsedOptions): number {
  const seed = parsed.number("seed", { min: 0, max: 2 ** 31 - 1, integer: true }) ?? 1;
  const networks = parsed.list("network-gradients").map((name) => networkOf(name, parsed));
  networks.forEach(classesOf);
  let status: number = EXIT.ok;
  for (const whole of networks) {
    const network = reducedNetwork(whole);
    const { name } = network;
    for (const phase of ["training", "inference"] as const) {
      const stream = (key: string): (() => number) => {
        const words = randomStream("network-gradients", seed, name, phase, key);
        return () => words.nextUint32() / 2 ** 32;
      };
      const agreements = checkGradientsOf(network, { batch: 2, phase, stream });
      const wrong = agreements.filter(({ agrees }) => !agrees);
      const size = [network.input.channels, ...network.input.spatial].join("×");
      const what = `${name}, ${size}, ${phase}: ${agreements.length - wrong.length} of ${agreements.length} gradients agree`;
      process.stdout.write(`${what}\n`);
      for (const { moved, reverse, other } of wrong) {
        status = EXIT.failed;
        process.stdout.write(`  ${moved}: ${reverse} in reverse mode, ${other} otherwise\n`);
      }
    }
  }
  return status;
}

/** A network by name, or of an ONNX model. */
function networkOf(name: string, parsed: ParsedOptions): Network {
  if (isOnnxFile(name)) {
    const { network, gaps } = onnxNetwork(name, parsed);
    if (network === undefined) throw new UsageError(`${plainText(name)} has no gradients: ${plainText(gaps[0] ?? "")}`);
    return network;
  }
  refuseShape(parsed);
  const names = NETWORKS.map((network) => network.name);
  return findNetwork(oneOf("network", name, names))!;
}
