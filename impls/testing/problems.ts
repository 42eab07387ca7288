import { parseDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem } from "../../core/problem.ts";

/** Small problems, each of which needs some field of a problem to be translated correctly. */
export const SMALL_PROBLEMS: Readonly<Record<string, ConvProblem>> = {
  "plain 2-D": small("mb2ic3oc4ih5iw6kh3kw2"),
  "1-D, strided, unread end": small("mb2ic3oc2iw9kw2sw3pw1", { padEnd: [0] }),
  "3-D, uneven padding": small("mb2ic2oc3id4ih3iw5kd2kh3kw2", { padBegin: [1, 0, 2], padEnd: [0, 1, 1] }),
  "3-D, strided": small("ic2oc2id5ih4iw7kd2kh2kw3sd2sh1sw3"),
  "strided, asymmetric padding": small("mb2ic2oc3ih7iw8kh3kw3sh2sw3", { padBegin: [1, 2], padEnd: [3, 0] }),
  "stride beyond the kernel": small("ic2oc2ih9iw8kh2kw1sh4sw3"),
  dilated: small("mb2ic2oc3ih8iw7kh3kw2", { dilation: [2, 3], padBegin: [1, 0], padEnd: [2, 1] }),
  "dilated and strided": small("ic2oc2ih9iw9kh3kw2sh2sw2", { dilation: [2, 3] }),
  grouped: small("g2mb2ic4oc6ih5iw5kh3kw3ph1pw1"),
  depthwise: small("g3mb2ic3oc3ih6iw5kh3kw3sh2sw2ph1pw1"),
  "depthwise, two outputs a channel": small("g3mb2ic3oc6ih5iw6kh2kw3"),
  "kernel longer than the input": small("ic2oc2ih2iw3kh4kw5ph2pw2"),
  cropped: small("mb2ic2oc2ih6iw7kh3kw2", { padEnd: [-2, -1] }),
  "padding that no input reaches": small("ic1oc2ih1iw1kh2kw2sh3sw3ph3pw3", { padEnd: [0, 1] }),
  "fully connected": small("mb3ic4oc5ih3iw2kh3kw2"),
  "1x1": small("mb2ic17oc18ih3iw3kh1kw1"),
  "1x1, cropped and padded to as many elements": small("mb1ic1oc1ih4iw1kh1kw1", { padEnd: [-2, 1] }),
  "dilated kernel as large as the input, over the padding": small("mb2ic3oc2ih2iw3kh2kw3", {
    dilation: [2, 2],
    padEnd: [1, 2],
  }),
  "many channels": small("ic33oc48ih6iw5kh3kw3ph1pw1"),
  "without bias": small("mb2ic3oc4ih5iw6kh3kw3ph1pw1", { bias: false }),
};

function small(descriptor: string, change: Partial<ConvProblem> = {}): ConvProblem {
  return { ...parseDescriptor(descriptor).problem, ...change };
}
