import type { Network } from "../../core/network.ts";
import {
  BATCH_NORMALISATION,
  GLOBAL_AVERAGE,
  NetworkBuilder,
  RELU,
  SOFTMAX,
  colourImage,
  convolution,
  fullyConnected,
  maxPooling,
  scaled,
  type Scale,
} from "./builder.ts";

export interface ResnetForm extends Scale {
  /** Bottleneck blocks in each stage, conv2 first. */
  readonly stages: readonly number[];
  /**
   * Which convolution of a stage's first block takes the stride: the 3 × 3 (as most libraries do) or the first 1 × 1
   * (as published).
   */
  readonly strideIn?: "3x3" | "1x1";
}

/**
 * A residual network of bottleneck blocks: 1 × 1 to a quarter of the channels, 3 × 3, 1 × 1 back, added to what came
 * in. The first block of a stage changes channels and size, so its shortcut is a 1 × 1 convolution (the paper's option
 * B). Every convolution is followed by batch normalisation, hence has no bias. Two blocks of narrow stages, `{ stages:
 * [1, 1], width: 1 / 16, size: 32 }`, are a small one.
 */
export function resnet(name: string, form: ResnetForm): Network {
  const { stages, strideIn = "3x3", size = 224, width = 1, classes = 1000 } = form;
  const net = new NetworkBuilder();
  normalised(net, "conv1", scaled(64, width), { kernel: 7, stride: 2 });
  net.add("conv1.relu", RELU);
  net.add("pool1", maxPooling({ kernel: 3, stride: 2, pad: 1 }));
  for (const [stage, blocks] of stages.entries()) {
    for (let index = 1; index <= blocks; index++) {
      bottleneck(net, `conv${stage + 2}_${index}`, {
        filters: scaled(64 * 2 ** stage, width),
        stride: stage > 0 && index === 1 ? 2 : 1,
        projects: index === 1,
        strideIn,
      });
    }
  }
  net.add("pool5", GLOBAL_AVERAGE);
  net.add("fc", fullyConnected(classes));
  net.add("softmax", SOFTMAX);
  const depth = 2 + 3 * stages.reduce((sum, blocks) => sum + blocks, 0);
  return net.network({
    name,
    description:
      `ResNet-${depth}: bottleneck blocks with shortcuts, the stride in their ` +
      `${strideIn.replace("x", " × ")} convolution`,
    source: "He et al., Deep residual learning for image recognition, 2015, https://arxiv.org/abs/1512.03385",
    input: colourImage(size),
  });
}

interface Block {
  /** Of the two inner convolutions; the block's output has four times as many channels. */
  readonly filters: number;
  readonly stride: number;
  /** Whether the shortcut is a convolution. */
  readonly projects: boolean;
  readonly strideIn: "3x3" | "1x1";
}

function bottleneck(net: NetworkBuilder, name: string, { filters, stride, projects, strideIn }: Block): string {
  const input = net.last;
  const [first, middle] = strideIn === "1x1" ? [stride, 1] : [1, stride];
  normalised(net, `${name}.reduce`, filters, { kernel: 1, stride: first });
  net.add(`${name}.reduce.relu`, RELU);
  normalised(net, `${name}.3x3`, filters, { kernel: 3, stride: middle });
  net.add(`${name}.3x3.relu`, RELU);
  const residual = normalised(net, `${name}.expand`, 4 * filters, { kernel: 1 });
  const shortcut = projects ? normalised(net, `${name}.shortcut`, 4 * filters, { kernel: 1, stride, input }) : input;
  net.add(`${name}.add`, { kind: "addition" }, [residual, shortcut]);
  return net.add(`${name}.relu`, RELU);
}

/** A convolution that keeps the size but for its stride, and its batch normalisation. */
function normalised(
  net: NetworkBuilder,
  name: string,
  outChannels: number,
  given: { readonly kernel: number; readonly stride?: number; readonly input?: string },
): string {
  const { kernel, stride = 1, input = net.last } = given;
  net.add(name, convolution(outChannels, { kernel, stride, pad: (kernel - 1) / 2, bias: false }), [input]);
  return net.add(`${name}.bn`, BATCH_NORMALISATION);
}
