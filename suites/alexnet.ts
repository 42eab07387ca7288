import { alexnetNetwork } from "./networks/alexnet.ts";
import { suiteOf } from "./networks/suite-of.ts";
import type { Suite } from "./suite.ts";

/** AlexNet on one device: every layer sees all channels. Batch 1. */
export const alexnet: Suite = suiteOf(alexnetNetwork());

/** AlexNet as published, on two devices: conv2, conv4 and conv5 in two groups. Batch 1. */
export const alexnetGrouped: Suite = suiteOf(alexnetNetwork({ grouped: true }));
