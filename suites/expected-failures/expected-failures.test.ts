import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PASSES } from "../../core/problem.ts";
import { EXPECTED_FAILURES } from "./index.ts";

test("the ids are unique", () => {
  expect(new Set(EXPECTED_FAILURES.map(({ id }) => id)).size).toBe(EXPECTED_FAILURES.length);
});

test.each(EXPECTED_FAILURES)(
  "$id explains its own reproductions, in every implementation and pass that it names",
  (failure) => {
    const passes = new Set(Object.values(failure.implementations).flat());
    expect(PASSES.filter((pass) => passes.has(pass))).toEqual(
      PASSES.filter((pass) => failure.reproductions.some((one) => one.pass === pass)),
    );
    for (const { pass, descriptor, bias, data } of failure.reproductions) {
      const { problem } = parseDescriptor(descriptor, bias);
      for (const [implementation, own] of Object.entries(failure.implementations)) {
        if (own.includes(pass)) expect(failure.explains({ implementation, problem, pass, data })).toBe(true);
      }
    }
  },
);

/**
 * For each entry, a problem next to its reproduction that it must not explain: the condition that it names does not
 * hold.
 */
const SOUND: Readonly<Record<string, string>> = {
  "onnxruntime-auto-pad-upper-crops": "mb1_ic1oc1_iw3ow1kw1sw3pw0",
  "onnxruntime-auto-pad-lower-crops": "mb1_ic1oc1_iw4ow1kw1sw4pw0",
  "onnxruntime-webgpu-conv-channels-by-threes": "mb1_ic6oc5_iw3ow2_kw2_pw0",
  "onnxruntime-webgpu-conv-ignores-end-padding": "mb1_ic2oc2_iw4ow2_kw3_pw0",
  "onnxruntime-webgpu-conv-transpose-groups": "g2mb1_ic2oc6_iw1ow1_kw1",
  "tfjs-conv3d-same-crops": "mb1_ic1oc1_id1ih1iw2_od1oh1ow1_kd1kh1kw2_sd1sh1sw2",
  "tfjs-number-padding-height-for-width": "mb1_ic1oc1_ih2iw2_oh1ow1_kh2kw2",
  "tfjs-conv2d-gradient-ignores-rounding": "mb1_ic1oc1_ih4iw4_oh2ow2_kh2kw2_sh2sw2",
  "tfjs-layers-depthwise-ignores-dilation": "g2mb1_ic2oc2_ih1iw3_oh1ow2_kh1kw2",
  "tfjs-cpu-depthwise-ignores-nchw": "mb1_ic2oc2_ih1iw1_oh1ow1_kh1kw1",
  "tfjs-wasm-same-gives-zeros": "mb1_ic1oc1_iw2ow1_kw2_sw2_pw0",
  "tfjs-wasm-1x1-one-channel-swallows-nan": "mb1_ic1oc2_ih3iw3_oh2ow2_kh2kw2",
  "tfjs-wasm-fused-relu-swallows-nan": "mb1_ic1oc1_id1ih1iw3_od1oh1ow3_kd1kh1kw1",
  "tfjs-wasm-ceil-leaves-unwritten": "mb1_ic1oc1_ih4iw4_oh2ow2_kh2kw2_sh2sw2",
  "tfjs-wasm-conv3d-input-gradient": "mb1_ic1oc1_id2ih1iw1_od1oh1ow1_kd2kh1kw1",
  "tfjs-wasm-conv3d-filter-gradient": "mb1_ic1oc1_id3ih1iw1_od3oh1ow1_kd1kh1kw1",
};

test.each(EXPECTED_FAILURES)("$id leaves the problem beside its own alone", (failure) => {
  const { problem } = parseDescriptor(SOUND[failure.id]!, false);
  for (const { pass, data } of failure.reproductions) {
    for (const implementation of Object.keys(failure.implementations)) {
      expect(failure.explains({ implementation, problem, pass, data })).toBe(false);
    }
  }
});
