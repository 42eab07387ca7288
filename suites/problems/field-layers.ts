import { parseDescriptor, printDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";

/**
 * The distinct layer geometries of a network that people run, as benchdnn writes them, and where they are published.
 */
interface FieldNetwork {
  readonly network: string;
  readonly source: string;
  /** Descriptors, separated by white space, with the channels that the network has. */
  readonly layers: string;
}

const FIELD_NETWORKS: readonly FieldNetwork[] = [
  {
    network: "resnet-50",
    source: "He et al., arXiv:1512.03385, table 1; the stride in the 3×3 as torchvision has it",
    layers: `
      ic3ih224oc64oh112kh7sh2ph3 ic64ih56oc64kh1 ic64ih56oc64kh3ph1 ic64ih56oc256kh1 ic256ih56oc128kh1
      ic128ih56oc128oh28kh3sh2ph1 ic128ih28oc512kh1 ic256ih56oc512oh28kh1sh2 ic128ih28oc128kh3ph1 ic512ih28oc256kh1
      ic256ih28oc256oh14kh3sh2ph1 ic512ih28oc1024oh14kh1sh2 ic1024ih14oc256kh1 ic256ih14oc256kh3ph1
      ic512ih14oc512oh7kh3sh2ph1 ic1024ih14oc2048oh7kh1sh2 ic2048ih7oc512kh1 ic512ih7oc512kh3ph1`,
  },
  {
    network: "resnext-50-32x4d",
    source: "Xie et al., arXiv:1611.05431, table 1",
    layers: `
      g32ic128ih56oc128kh3ph1 g32ic256ih56oc256oh28kh3sh2ph1 g32ic256ih28oc256kh3ph1 g32ic512ih28oc512oh14kh3sh2ph1
      g32ic1024ih14oc1024oh7kh3sh2ph1 g32ic1024ih7oc1024kh3ph1`,
  },
  {
    network: "mobilenet-v1",
    source: "Howard et al., arXiv:1704.04861, table 1; padding as TensorFlow's SAME, more at the end",
    layers: `
      ic3ih224oc32oh112kh3sh2ph0 g32ic32ih112oc32kh3ph1 ic32ih112oc64kh1 g64ic64ih112oc64oh56kh3sh2ph0
      g128ic128ih56oc128kh3ph1 g128ic128ih56oc128oh28kh3sh2ph0 g256ic256ih28oc256kh3ph1
      g256ic256ih28oc256oh14kh3sh2ph0 g512ic512ih14oc512kh3ph1 g512ic512ih14oc512oh7kh3sh2ph0
      g1024ic1024ih7oc1024kh3ph1 ic512ih14oc512kh1 ic1024ih7oc1024kh1`,
  },
  {
    network: "mobilenet-v2",
    source: "Sandler et al., arXiv:1801.04381, table 2",
    layers: `
      ic32ih112oc16kh1 ic16ih112oc96kh1 g96ic96ih112oc96oh56kh3sh2ph1 ic96ih56oc24kh1 ic24ih56oc144kh1
      g144ic144ih56oc144kh3ph1 g144ic144ih56oc144oh28kh3sh2ph1 ic144ih28oc32kh1 g192ic192ih28oc192oh14kh3sh2ph1
      ic384ih14oc96kh1 g384ic384ih14oc384kh3ph1 g576ic576ih14oc576oh7kh3sh2ph1 ic576ih7oc160kh1
      g960ic960ih7oc960kh3ph1 ic320ih7oc1280kh1`,
  },
  {
    network: "mobilenet-v3-large",
    source: "Howard et al., arXiv:1905.02244, table 1; squeeze-and-excite as 1×1 on one point",
    layers: `
      g72ic72ih56oc72oh28kh5sh2ph2 g120ic120ih28oc120kh5ph2 g240ic240ih28oc240oh14kh3sh2ph1 g200ic200ih14oc200kh3ph1
      g184ic184ih14oc184kh3ph1 g672ic672ih14oc672oh7kh5sh2ph2 g960ic960ih7oc960kh5ph2 ic72ih1oc24kh1 ic24ih1oc72kh1
      ic960ih1oc240kh1 ic80ih14oc200kh1 ic184ih14oc80kh1`,
  },
  {
    network: "mobilenet-v4-conv-small",
    source: "Qin et al., arXiv:2404.10518, appendix D",
    layers: `
      ic3ih224oc32oh112kh3sh2ph1 ic32ih112oc32oh56kh3sh2ph1 ic32ih56oc96oh28kh3sh2ph1 g64ic64ih28oc64kh5ph2
      g192ic192ih28oc192oh14kh5sh2ph2 g96ic96ih14oc96kh3ph1 g192ic192ih14oc192kh3ph1 g576ic576ih14oc576oh7kh5sh2ph2
      g512ic512ih7oc512kh5ph2`,
  },
  {
    network: "efficientnet-b0",
    source: "Tan and Le, arXiv:1905.11946, table 1",
    layers: `
      g32ic32ih112oc32kh3ph1 g96ic96ih112oc96oh56kh3sh2ph0 g144ic144ih56oc144oh28kh5sh2ph1 g240ic240ih28oc240kh5ph2
      g240ic240ih28oc240oh14kh3sh2ph0 g480ic480ih14oc480kh5ph2 g672ic672ih14oc672oh7kh5sh2ph1
      g1152ic1152ih7oc1152kh5ph2 g1152ic1152ih7oc1152kh3ph1 ic1152ih7oc320kh1 ic32ih1oc8kh1 ic4ih1oc96kh1`,
  },
  {
    network: "convnext-tiny",
    source: "Liu et al., arXiv:2201.03545, table 9",
    layers: `
      ic3ih224oc96oh56kh4sh4 g96ic96ih56oc96kh7ph3 ic96ih56oc192oh28kh2sh2 g192ic192ih28oc192kh7ph3
      ic192ih28oc384oh14kh2sh2 g384ic384ih14oc384kh7ph3 ic384ih14oc768oh7kh2sh2 g768ic768ih7oc768kh7ph3`,
  },
  {
    network: "yolo",
    source: "YOLOv3: Redmon and Farhadi, arXiv:1804.02767; YOLOv8n: ultralytics/cfg/models/v8/yolov8.yaml",
    layers: `
      ic3ih416oc32kh3ph1 ic32ih416oc64oh208kh3sh2ph1 ic256ih13oc255kh1 ic512ih13oc1024kh3ph1
      ic3ih320oc16oh160kh3sh2ph1 ic16ih160oc32oh80kh3sh2ph1 ic48ih80oc32kh1 ic64ih40oc64kh3ph1
      ic128ih20oc256oh10kh3sh2ph1 ic80ih80oc80kh3ph1 ic16ih4iw8400oc1kh1kw1`,
  },
  {
    network: "u-net",
    source: "Ronneberger et al., arXiv:1505.04597, figure 1; transposed 2×2 as the gradient of its convolution",
    layers: `
      ic1ih572oc64kh3 ic128ih140oc256kh3 ic256ih68oc512kh3 ic512ih32oc1024kh3 ic1024ih30oc1024kh3
      ic512ih56oc1024oh28kh2sh2 ic64ih388oc2kh1 ic1024ih56oc512kh3`,
  },
  {
    network: "deeplab-v3",
    source: "Chen et al., arXiv:1706.05587: atrous rates 6, 12, 18 at output stride 16, and 2 and 4 in block 4",
    layers: `
      ic2048ih33oc256kh3dh5ph6 ic2048ih33oc256kh3dh11ph12 ic2048ih33oc256kh3dh17ph18 ic512ih33oc512kh3dh1ph2
      ic512ih33oc512kh3dh3ph4 ic2048ih1oc256kh1 ic1280ih33oc256kh1 g256ic256ih129oc256kh3dh1ph2`,
  },
  {
    network: "inception-v3",
    source: "Szegedy et al., arXiv:1512.00567; layers as torchvision/models/inception.py",
    layers: `
      ic3ih299oc32oh149kh3sh2 ic32ih149oc32kh3 ic32ih147oc64kh3ph1 ic80ih73oc192kh3 ic48ih35oc64kh5ph2
      ic96ih35oc96kh3ph1 ic288ih35oc384oh17kh3sh2 ic128ih17iw17oc128kh1kw7ph0pw3 ic128ih17iw17oc192kh7kw1ph3pw0
      ic192ih17oc320oh8kh3sh2 ic384ih8iw8oc384kh1kw3ph0pw1 ic384ih8iw8oc384kh3kw1ph1pw0 ic768ih5oc128kh1
      ic128ih5oc768kh5`,
  },
  {
    network: "googlenet",
    source: "Szegedy et al., arXiv:1409.4842, table 1",
    layers: `
      ic3ih224oc64oh112kh7sh2ph3 ic64ih56oc192kh3ph1 ic16ih28oc32kh5ph2 ic24ih14oc64kh5ph2 ic832ih7oc384kh1
      ic48ih7oc128kh5ph2`,
  },
  {
    network: "densenet-121",
    source: "Huang et al., arXiv:1608.06993, table 1 (growth rate 32)",
    layers: `
      ic64ih56oc128kh1 ic128ih56oc32kh3ph1 ic256ih56oc128kh1 ic480ih28oc128kh1 ic128ih28oc32kh3ph1 ic992ih14oc128kh1
      ic128ih14oc32kh3ph1 ic1024ih7oc128kh1 ic128ih7oc32kh3ph1`,
  },
  {
    network: "shufflenet",
    source: "v1 (g = 3): Zhang et al., arXiv:1707.01083, table 1; v2 1×: Ma et al., arXiv:1807.11164, table 5",
    layers: `
      g3ic240ih28oc60kh1 g3ic60ih28oc240kh1 g60ic60ih28oc60kh3ph1 g60ic60ih56oc60oh28kh3sh2ph1 g3ic480ih14oc120kh1
      g3ic960ih7oc240kh1 g24ic24ih56oc24oh28kh3sh2ph1 g58ic58ih28oc58kh3ph1 g116ic116ih28oc116oh14kh3sh2ph1
      g232ic232ih7oc232kh3ph1 ic58ih28oc58kh1 ic116ih14oc116kh1 ic464ih7oc1024kh1`,
  },
  {
    network: "alexnet-vgg",
    source: "Krizhevsky et al. 2012 (grouped); Simonyan and Zisserman, arXiv:1409.1556",
    layers: `
      ic3ih227oc96oh55kh11sh4 g2ic96ih27oc256kh5ph2 ic256ih13oc384kh3ph1 g2ic384ih13oc384kh3ph1 ic3ih224oc64kh3ph1
      ic128ih112oc128kh3ph1 ic512ih14oc512kh3ph1 ic512ih7oc4096kh7`,
  },
  {
    network: "wav2vec-2-hubert",
    source: "Baevski et al., arXiv:2006.11477, section 4; fairseq's positional convolution: K = 128, 16 groups",
    layers: `
      ic1iw16000oc512kw10sw5 ic512iw3199oc512kw3sw2 ic512iw1599oc512kw3sw2 ic512iw799oc512kw3sw2 ic512iw199oc512kw2sw2
      ic512iw99oc512kw2sw2 g16ic768iw49oc768kw128pw64 g16ic1024iw74oc1024kw128pw64`,
  },
  {
    network: "whisper",
    source: "Radford et al., arXiv:2212.04356; openai/whisper model.py, AudioEncoder",
    layers: `ic80iw3000oc384kw3pw1 ic384iw3000oc384ow1500kw3sw2pw1 ic128iw3000oc1280kw3pw1`,
  },
  {
    network: "conformer",
    source: "Gulati et al., arXiv:2005.08100, section 2.2: depthwise of 32 (31 with padding on both sides)",
    layers: `
      g256ic256iw199oc256kw31pw15 g144ic144iw100oc144kw32pw15 ic256iw199oc512kw1
      ic1ih80iw400oc144oh40ow200kh3kw3sh2sw2ph1pw1`,
  },
  {
    network: "wavenet-tcn",
    source: "van den Oord et al., arXiv:1609.03499: kernel 2, dilations 1 to 512, causal; Bai et al., arXiv:1803.01271",
    layers: `
      ic32iw1024oc64ow1024kw2dw0pw1 ic32iw1024oc64ow1024kw2dw1pw2 ic32iw1024oc64ow1024kw2dw7pw8
      ic32iw1024oc64ow1024kw2dw31pw32 ic32iw1024oc64ow1024kw2dw127pw128 ic32iw1024oc64ow1024kw2dw511pw512
      ic25iw784oc25ow784kw7dw15pw96 ic30iw400oc30ow400kw3dw63pw128`,
  },
  {
    network: "hifi-gan",
    source:
      "Kong et al., arXiv:2010.05646, V1: kernels 3, 7, 11, dilations 1, 3, 5; transposed 16/8 as the gradient of its convolution",
    layers: `
      ic80iw32oc512kw7pw3 ic256iw256oc512ow32kw16sw8pw4 ic256iw256oc256kw3dw4pw5 ic256iw256oc256kw7dw2pw9
      ic128iw2048oc128kw11dw4pw25 ic64iw4096oc128ow2048kw4sw2pw1 ic32iw8192oc1kw7pw3`,
  },
  {
    network: "i3d-and-3d-u-net",
    source:
      "Carreira and Zisserman, arXiv:1705.07750; Çiçek et al., arXiv:1606.06650; Tran et al., arXiv:1412.0767 (C3D)",
    layers: `
      ic3id16ih112iw112oc64od8oh56ow56kd7kh7kw7sd2sh2sw2pd3ph3pw3 ic64id8ih28iw28oc192kd3kh3kw3pd1ph1pw1
      ic16id4ih14iw14oc48kd3kh3kw3pd1ph1pw1 ic832id2ih7iw7oc256kd1kh1kw1 ic32id20ih36iw36oc64kd3kh3kw3
      ic128id9ih16iw16oc256kd3kh3kw3 ic3id16ih112iw112oc64kd3kh3kw3pd1ph1pw1
      ic256id4ih28iw28oc512od2oh14ow14kd2kh2kw2sd2sh2sw2 ic64id8ih28iw28oc64kd1kh3kw3pd0ph1pw1
      ic64id8ih28iw28oc64kd3kh1kw1pd1ph0pw0`,
  },
  {
    network: "vision-transformers",
    source:
      "ViT: Dosovitskiy et al., arXiv:2010.11929; DINOv2 (patch 14): arXiv:2304.07193; ViViT tubelets: arXiv:2103.15691",
    layers: `
      ic3ih224oc768oh14kh16sh16 ic3ih224oc768oh7kh32sh32 ic3ih518oc384oh37kh14sh14
      ic3id16ih224iw224oc768od8oh14ow14kd2kh16kw16sd2sh16sw16 ic3ih224oc64oh56kh4sh4 ic3ih224oc64oh56kh7sh4ph3
      ic64ih56oc64oh7kh8sh8 g256ic256ih14oc256kh3ph1`,
  },
  {
    network: "super-resolution",
    source: "SRCNN: arXiv:1501.00092; ESPCN: arXiv:1609.05158; EDSR: arXiv:1707.02921",
    layers: `
      ic1ih33oc64kh9 ic64ih25oc32kh1 ic32ih25oc1kh5 ic1ih72oc64kh5ph2 ic32ih72oc9kh3ph1 ic64ih48oc64kh3ph1
      ic64ih48oc256kh3ph1`,
  },
  {
    network: "text-recognition",
    source: "CRNN: Shi et al., arXiv:1507.05717, table 1; PP-OCRv3: arXiv:2206.03001 (strides of height alone)",
    layers: `
      ic1ih32iw100oc64kh3kw3ph1pw1 ic256ih4iw25oc512kh3kw3ph1pw1 ic512ih2iw26oc512kh2kw2
      ic3ih48iw320oc16oh24ow160kh3kw3sh2sw2ph1pw1 g64ic64ih24iw160oc64oh12ow160kh3kw3sh2sw1ph1pw1
      g256ic256ih6iw80oc256oh3ow80kh5kw5sh2sw1ph2pw2`,
  },
  {
    network: "diffusion",
    source: "Rombach et al., arXiv:2112.10752: latents of 64×64, 320 to 1280 channels",
    layers: `
      ic4ih64oc320kh3ph1 ic320ih64oc320oh32kh3sh2ph1 ic640ih32oc640kh3ph1 ic1280ih8oc1280kh3ph1 ic2560ih8oc1280kh1
      ic320ih64oc4kh3ph1 ic128ih129oc128oh64kh3sh2ph0`,
  },
  {
    network: "point-clouds-and-signals",
    source: "PointNet: Qi et al., arXiv:1612.00593; EEGNet: Lawhern et al., arXiv:1611.08024",
    layers: `
      ic3iw1024oc64kw1 ic128iw1024oc1024kw1 ic1ih1024iw3oc64oh1024ow1kh1kw3ph0pw0
      ic1ih64iw128oc8oh64ow129kh1kw64ph0pw32 g8ic8ih64iw128oc16oh1ow128kh64kw1ph0pw0
      g16ic16ih1iw32oc16oh1ow33kh1kw16ph0pw8`,
  },
  {
    network: "dcgan",
    source:
      "Radford et al., arXiv:1511.06434: 4×4 of stride 2, also as the gradient that is its transposed convolution",
    layers: `ic3ih64oc64oh32kh4sh2ph1 ic64ih32oc128oh16kh4sh2ph1 ic256ih8oc512oh4kh4sh2ph1 ic512ih4oc1kh4`,
  },
];

/** A layer with reduced channels has at most about this many multiply-adds, where its plane lets it. */
const MOST_MULTIPLY_ADDS = 2e6;
/** Counts are halved while they stay at least this, so that the block sizes that divide them still do. */
const LEAST_COUNT = 8;
const LEAST_COUNT_OF_GROUP = 2;

/** The distinct layers of networks that people run, as they are, with one image. */
export const FIELD_LAYERS_IN_FULL: readonly ConvProblem[] = distinct(
  FIELD_NETWORKS.flatMap(({ network, layers }) =>
    layers
      .trim()
      .split(/\s+/)
      .map((line): ConvProblem => ({ ...parseDescriptor(`mb1${line}`, true).problem, name: `${network}:${line}` })),
  ),
);

/**
 * The distinct layer geometries of networks that people run, spatial extents as they are, channels and filters reduced:
 * halved together as long as the layer is expensive, so that counts keep their odd factors and what divides them up to
 * 8; a depthwise layer stays one.
 */
export const FIELD_LAYERS: readonly ConvProblem[] = distinct(FIELD_LAYERS_IN_FULL.map(reduced));

/** Without problems that are the same but for their names. */
function distinct(problems: readonly ConvProblem[]): readonly ConvProblem[] {
  const byDescriptor = new Map<string, ConvProblem>();
  for (const problem of problems) {
    const { name: _, ...unnamed } = problem;
    const descriptor = printDescriptor(unnamed);
    if (!byDescriptor.has(descriptor)) byDescriptor.set(descriptor, problem);
  }
  return [...byDescriptor.values()];
}

function reduced(problem: ConvProblem): ConvProblem {
  let smaller = problem;
  while (multiplyAdds(smaller) > MOST_MULTIPLY_ADDS) {
    const next = halved(smaller);
    if (next === undefined) break;
    smaller = next;
  }
  return smaller;
}

/** With half of its channels, filters or, where a group has few of both, groups; undefined where none can be halved. */
function halved(problem: ConvProblem): ConvProblem | undefined {
  const { groups, inChannels, outChannels } = problem;
  const least = groups === 1 ? LEAST_COUNT : LEAST_COUNT_OF_GROUP;
  const canHalve = (count: number): boolean => (count / groups) % 2 === 0 && count / groups / 2 >= least;
  const [fewerChannels, fewerFilters] = [canHalve(inChannels), canHalve(outChannels)];
  if (fewerChannels && (inChannels >= outChannels || !fewerFilters)) return { ...problem, inChannels: inChannels / 2 };
  if (fewerFilters) return { ...problem, outChannels: outChannels / 2 };
  if (groups % 2 !== 0 || groups / 2 < LEAST_COUNT) return undefined;
  return { ...problem, groups: groups / 2, inChannels: inChannels / 2, outChannels: outChannels / 2 };
}
