import { expect, test } from "vitest";
import { PASSES, type Pass } from "../core/problem.ts";
import type { TimingEntry } from "../core/record.ts";
import { renderCaffe } from "./caffe.ts";
import { smallRecord, smallTiming } from "./testing/small-record.ts";

test("the lines of `caffe time`, layers that are used more than once counted, what has no time said", () => {
  const prefix = /^([IW])1120 09:30:00\.125000 {5}1 /;
  const lines = renderCaffe(smallRecord()).trimEnd().split("\n");
  for (const line of lines) expect(line).toMatch(prefix);
  const titles = [1, 2, 3].map((_, index) => ["forward", "backwardData", "backwardWeights"][index]);
  const title = titles.map((pass) => `net, ${pass}, 1 thread, hot cache, batch 1`).join("; ");
  expect(lines.map((line) => line.replace(prefix, "$1 "))).toEqual([
    `I benchconv:1] new: ${title}; medians of checked calls`,
    "I caffe.cpp:365] *** Benchmark begins ***",
    "I caffe.cpp:366] Testing for 1 iterations.",
    "I caffe.cpp:397] Average time per layer: ",
    "I caffe.cpp:400]      conv1\tforward: 1 ms.",
    "I caffe.cpp:403]      conv1\tbackward: 5 ms.",
    "I caffe.cpp:400]   conv2_x3\tforward: 1.5 ms.",
    "I caffe.cpp:403]   conv2_x3\tbackward: 0.00015 ms.",
    "I caffe.cpp:408] Average Forward pass: 2.5 ms.",
    "I caffe.cpp:410] Average Backward pass: 5.00015 ms.",
    "I caffe.cpp:412] Average Forward-Backward: 7.50015 ms.",
    "I caffe.cpp:414] Total Time: 7.50015 ms.",
    "I caffe.cpp:415] *** Benchmark ends ***",
    `I benchconv:1] old: ${title}; medians of checked calls`,
    "I caffe.cpp:365] *** Benchmark begins ***",
    "I caffe.cpp:366] Testing for 1 iterations.",
    "I caffe.cpp:397] Average time per layer: ",
    "I caffe.cpp:400]      conv1\tforward: 12345.7 ms.",
    "W benchconv:1] conv2_x3 forward has no time: forward crashed: signal SIGSEGV",
    "I caffe.cpp:415] *** Benchmark ends ***",
  ]);
});

test("a time that was not verified is no time; an implementation without any is told in a line", () => {
  const timings = (["conv1", "conv2"] as const).map((layer) =>
    smallTiming("new", layer, "forward", { verified: false }),
  );
  expect(renderCaffe(smallRecord({ timings }))).toBe(
    "W1120 09:30:00.125000     1 benchconv:1] new has no time: forward unverified: its output was not checked\n",
  );
});

test("numbers as a C++ stream prints them, names without white space", () => {
  const cases = [
    [1e-5, "1e-05"],
    [0.000123456789, "0.000123457"],
    [999_999.6, "1e+06"],
    [1_234_567, "1.23457e+06"],
    [100, "100"],
    [1e-120, "1e-120"],
  ] as const;
  for (const [medianMs, text] of cases) {
    const timings = [{ ...smallTiming("new", "conv1", "forward", { medianMs }), layer: "line 3:\tconv" }];
    expect(renderCaffe(smallRecord({ timings }))).toContain(`line_3:_conv\tforward: ${text} ms.\n`);
  }
});

test("a layer without parameters, or without a gradient of its own, does not keep a whole network from its sums", () => {
  const other = (layer: string, kind: string, pass: Pass): TimingEntry => ({
    ...smallTiming("new", "conv1", pass, { medianMs: 0.5 }),
    layer,
    kind,
    problem: `${kind}_mb1_2x3x3`,
    layerOf: "implementation",
  });
  const timings = [
    ...PASSES.map((pass) => smallTiming("new", "conv1", pass, {})),
    other("relu", "relu", "forward"),
    other("relu", "relu", "backwardData"),
    other("sum", "addition", "forward"),
    ...PASSES.map((pass) => other("end-to-end", "end-to-end", pass)),
  ];
  const lines = renderCaffe(smallRecord({ timings })).split("\n");
  const texts = lines.map((line) => line.replace(/^.*\] +/, "")).slice(4, 12);
  expect(texts).toEqual([
    "conv1\tforward: 1 ms.",
    "conv1\tbackward: 2 ms.",
    "relu\tforward: 0.5 ms.",
    "relu\tbackward: 0.5 ms.",
    "sum\tforward: 0.5 ms.",
    "Average Forward pass: 2 ms.",
    "Average Backward pass: 2.5 ms.",
    "Average Forward-Backward: 4.5 ms.",
  ]);
});
