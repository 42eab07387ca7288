import { randomStream } from "../../harness/data/random.ts";
import type { Network } from "../../reference/graph/network.ts";
import { checkGradientsOf } from "../../reference/graph/random-check.ts";
import { alexnetNetwork } from "../../suites/networks/alexnet.ts";
import { googlenet } from "../../suites/networks/googlenet.ts";
import { lenet5 } from "../../suites/networks/lenet5.ts";
import { mobilenetV1 } from "../../suites/networks/mobilenet.ts";
import { resnet } from "../../suites/networks/resnet.ts";
import { EXIT } from "../cli/main.ts";
import { oneOf, type ParsedOptions } from "../cli/options.ts";
import { REDUCED_NETWORKS, type ReducedNetwork } from "./reduced-networks.ts";

/** Fewer channels and pixels keep every layer and every branch. */
const SMALL = { size: 64, width: 1 / 16, classes: 10 };

function reduced(name: ReducedNetwork): Network {
  switch (name) {
    case "lenet5":
      return lenet5();
    case "alexnet":
      return alexnetNetwork({ ...SMALL, size: 67 });
    case "googlenet":
      return googlenet(SMALL);
    case "resnet50":
      return resnet(name, { stages: [3, 4, 6, 3], ...SMALL });
    case "mobilenet-v1":
      return mobilenetV1(SMALL);
  }
}

/**
 * The gradients of a training step and of inference by every parameter of whole networks: reverse mode against forward mode and
 * against differences of the outputs. Gives the exit status.
 */
export function networkGradients(parsed: ParsedOptions): number {
  const seed = parsed.number("seed", { min: 0, max: 2 ** 31 - 1, integer: true }) ?? 1;
  const names = parsed.list("network-gradients").map((name) => oneOf("network", name, REDUCED_NETWORKS));
  let status: number = EXIT.ok;
  for (const name of names) {
    const network = reduced(name);
    for (const phase of ["training", "inference"] as const) {
      const stream = (key: string): (() => number) => {
        const words = randomStream("network-gradients", seed, name, phase, key);
        return () => words.nextUint32() / 2 ** 32;
      };
      const agreements = checkGradientsOf(network, { batch: 2, phase, stream });
      const wrong = agreements.filter(({ agrees }) => !agrees);
      const size = `${network.input.channels}×${network.input.spatial.join("×")}`;
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
