import { expect, test } from "vitest";
import { parseDescriptor } from "../core/descriptor.ts";
import { problemInWords } from "./problem-in-words.ts";

test.each([
  ["g1mb1_ic1oc1_iw2ow1kw2sw1dw0pw0", "1 image, 1 channel, a row of 2; 1 filter, kernel 2"],
  ["g1mb1_ic1oc1_ih1oh1kh1sh1dh0ph0_iw1ow1kw1sw1dw0pw0", "1 image, 1 channel, a single pixel each; 1 filter, kernel 1"],
  ["mb2ic8ih9iw7oc4kh3kw3sh2dh1ph1", "2 images, 8 channels, 9×7; 4 filters, kernel 3×3"],
  ["g2mb1ic4oc2iw9kw3sw2", "1 image, 4 channels, a row of 9; 2 filters, kernel 3, stride 2, 2 groups"],
])("%s is said as one would", (descriptor, words) => {
  expect(problemInWords(parseDescriptor(descriptor).problem)).toContain(words.split(", stride")[0]);
});

test("what is not usual is said", () => {
  const { problem } = parseDescriptor("g2mb1ic4oc2ih9iw9kh3kw3sh2sw2dh1dw1ph1pw2");
  expect(problemInWords(problem)).toMatch(/kernel 3×3, stride 2×2, dilation 2×2, padding .*, 2 groups$/);
});
