import type { Network } from "../../../core/network.ts";
import { COMPARISON } from "../../../suites/lectures/networks.ts";
import { NetworkBuilder } from "../../../suites/networks/builder.ts";
import { depthOf, networkCosts } from "../../../suites/networks/costs.ts";
import { inception, type InceptionFilters } from "../../../suites/networks/googlenet.ts";
import { NETWORKS } from "../../../suites/networks/index.ts";

export interface NetworkFacts {
  readonly name: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly activationBytes: number;
  readonly depth: number;
  /** Of the deck's table, percent. */
  readonly top1: number | undefined;
  readonly top5: number | undefined;
}

/** Every network, for one image. */
export function networkFacts(): readonly NetworkFacts[] {
  return NETWORKS.map((network) => {
    const { total } = networkCosts(network, 1);
    const published = COMPARISON.rows.find((row) => row.network === network.name);
    return {
      name: network.name,
      parameters: total.weights + total.biases,
      multiplyAdds: total.multiplyAdds,
      activationBytes: total.activationBytes,
      depth: depthOf(network),
      top1: published?.top1,
      top5: published?.top5,
    };
  });
}

/** An inception module over `channels` × size × size. */
export function inceptionModule(channels: number, size: number, filters: InceptionFilters): Network {
  const net = new NetworkBuilder();
  inception(net, "module", filters);
  return net.network({ name: "module", description: "", source: "", input: { channels, spatial: [size, size] } });
}
