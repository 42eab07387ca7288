/** The networks of `--network-gradients`; see network-gradients.ts for their sizes. */
export const REDUCED_NETWORKS = ["lenet5", "alexnet", "googlenet", "resnet50", "mobilenet-v1"] as const;
export type ReducedNetwork = (typeof REDUCED_NETWORKS)[number];
