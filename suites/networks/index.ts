import type { Network } from "../../core/network.ts";
import { alexnetNetwork } from "./alexnet.ts";
import { googlenet } from "./googlenet.ts";
import { lenet5 } from "./lenet5.ts";
import { mobilenetV1 } from "./mobilenet.ts";
import { resnet } from "./resnet.ts";
import { vgg } from "./vgg.ts";

/** Every network that `--suite` knows by name, in full size. */
export const NETWORKS: readonly Network[] = [
  alexnetNetwork(),
  alexnetNetwork({ grouped: true }),
  lenet5(),
  vgg(16),
  vgg(19),
  googlenet(),
  resnet("resnet50", { stages: [3, 4, 6, 3] }),
  resnet("resnet152", { stages: [3, 8, 36, 3] }),
  mobilenetV1(),
];

/** The network of that name, or undefined. */
export function findNetwork(name: string): Network | undefined {
  return NETWORKS.find((network) => network.name === name);
}
