import { correlate } from "../../numbers/layers.ts";
import { composedKernel, fieldGrowth, stackLayers } from "../../numbers/receptive-fields.ts";
import { findNetwork } from "../../../../suites/networks/index.ts";
import { linePlot } from "../parts/charts.ts";
import { chooser, slider } from "../parts/controls.ts";
import { caption, controls, el, figure, row, sign } from "../parts/figure.ts";
import { matrixView } from "../parts/matrix-view.ts";
import { nodeGraph } from "../parts/node-graph.ts";
import { drawn, numberState, rowsState, wordState } from "../parts/state.ts";

const OUTPUTS = 5;
const [WIDTH, ROW_HEIGHT] = [720, 62];

figure("field-figure", (host) => {
  const layers = numberState("layers", 2, 1, 4);
  const kernel = numberState("kernel", 3, 2, 5);
  const stride = numberState("stride", 1, 1, 2);
  const dilation = wordState("dilation", "dense", ["dense", "doubling"]);
  const output = numberState("output", 2, 0, OUTPUTS - 1);
  const [graph, text] = [nodeGraph(), caption(true)];
  drawn([layers, kernel, stride, dilation, output], () => {
    const stack = stackLayers(
      { layers: layers.value, kernel: kernel.value, stride: stride.value, isDilated: dilation.value === "doubling" },
      OUTPUTS,
    );
    const last = stack.length - 1;
    /** The positions of each layer that the output depends on. */
    const seen: Set<number>[] = stack.map(() => new Set<number>());
    seen[last]?.add(output.value);
    for (let at = last; at > 0; at--)
      for (const position of seen[at] ?? [])
        for (let tap = 0; tap < kernel.value; tap++)
          seen[at - 1]?.add(position * stride.value + tap * (stack[at]?.dilation ?? 1));
    const x = (at: number, position: number): number => (WIDTH / (stack[at]?.size ?? 1)) * (position + 0.5);
    const nodes = stack.flatMap(({ size }, at) =>
      Array.from({ length: size }, (_, position) => ({
        name: `${at}.${position}`,
        text: "",
        x: x(at, position),
        y: ROW_HEIGHT * (last - at) + 16,
      })),
    );
    const edges = stack.flatMap(({ size, dilation: spread }, at) =>
      at === 0
        ? []
        : Array.from({ length: size }, (_, position) => position).flatMap((position) =>
            Array.from({ length: kernel.value }, (_, tap) => ({
              from: `${at - 1}.${position * stride.value + tap * spread}`,
              to: `${at}.${position}`,
            })),
          ),
    );
    const isOn = (name: string): boolean => {
      const [at = 0, position = 0] = name.split(".").map(Number);
      return seen[at]?.has(position) ?? false;
    };
    const input = stack[0]?.size ?? 1;
    graph.show({
      label: `${layers.value} layers over ${input} inputs; an output sees ${stack[last]?.field} of them`,
      width: WIDTH,
      height: ROW_HEIGHT * last + 32,
      nodes,
      edges,
      chosen: `${last}.${output.value}`,
      isOn,
      isEdgeOn: ({ from, to }) => isOn(from) && isOn(to),
      radius: Math.min(11, (0.42 * WIDTH) / input),
    });
    const growth = stack.slice(1).map(({ field, jump }, at) => `layer ${at + 1} sees ${field}, jump ${jump}`);
    const isPlain = stride.value === 1 && dilation.value === "dense";
    const formula = `1 + ${layers.value}·(${kernel.value} − 1) = ${1 + layers.value * (kernel.value - 1)}`;
    const said = isPlain
      ? `The formula: ${formula}.`
      : "The formula 1 + L·(K − 1) is for stride 1 and dense kernels; these grow faster.";
    text.textContent = `${growth.join("; ")}. ${said}`;
  });
  host.append(
    controls(
      slider("layers L", layers, { min: 1, max: 4 }),
      slider("kernel K", kernel, { min: 2, max: 5 }),
      slider("stride", stride, { min: 1, max: 2 }),
      slider("output", output, { min: 0, max: OUTPUTS - 1 }),
      chooser("dilation", dilation, [
        ["dense", "dense"],
        ["doubling", "dilation 1, 2, 4, …"],
      ]),
    ),
    graph,
    text,
  );
});

const SHOWN = ["alexnet", "vgg16", "mobilenet-v1"] as const;

figure("growth-figure", (host) => {
  const name = wordState("network", "vgg16", SHOWN);
  const [plot, text] = [linePlot(), caption(true)];
  drawn([name], () => {
    const network = findNetwork(name.value);
    if (network === undefined) return;
    const sizes = fieldGrowth(network);
    const image = network.input.spatial[0] ?? 0;
    plot.show({
      label: `The receptive field of ${name.value}, node by node`,
      x: [0, sizes.length - 1],
      y: [0, Math.max(image, ...sizes)],
      xName: "node",
      series: [
        { name: "rows that an output sees", points: sizes.map((size, at) => [at, size] as const), colour: 3 },
        { name: "the image", points: [[0, image] as const, [sizes.length - 1, image] as const], colour: 1 },
      ],
    });
    text.textContent =
      `Before its end, an output of ${name.value} sees ${sizes.at(-1)} rows, padding ` +
      `included; the image has ${image}.`;
  });
  host.append(
    controls(
      chooser(
        "network",
        name,
        SHOWN.map((each) => [each, each] as const),
      ),
    ),
    plot,
    text,
  );
});

figure("stacking-figure", (host) => {
  const first = rowsState("w1", [
    [1, 2, 1],
    [0, 0, 0],
    [-1, -2, -1],
  ]);
  const second = rowsState("w2", [
    [0, 1, 0],
    [1, 1, 1],
    [0, 1, 0],
  ]);
  const between = wordState("between", "nothing", ["nothing", "relu"]);
  const image = Array.from({ length: 7 }, (_, r) =>
    Array.from({ length: 7 }, (_value, c) => ((r * c) % 5) - (r === c ? 2 : 0)),
  );
  const [w1, w2, both, twice, once, text] = [
    matrixView(),
    matrixView(),
    matrixView(),
    matrixView(),
    matrixView(),
    caption(true),
  ];
  drawn([first, second, between], () => {
    const composed = composedKernel(first.value, second.value);
    const middle = correlate(image, first.value).map((values) =>
      between.value === "relu" ? values.map((value) => Math.max(0, value)) : values,
    );
    const [two, one] = [correlate(middle, second.value), correlate(image, composed)];
    const same = (r: number, c: number): boolean => two[r]?.[c] === one[r]?.[c];
    w1.show({ label: "first kernel", rows: first.value, edit: (rows) => first.set(rows), mark: () => "second" });
    w2.show({ label: "second kernel", rows: second.value, edit: (rows) => second.set(rows), mark: () => "second" });
    both.show({ label: "the one they come to", rows: composed, mark: () => "second" });
    twice.show({ label: "one layer after the other", rows: two, mark: (r, c) => (same(r, c) ? "result" : "window") });
    once.show({ label: "the one 5 × 5", rows: one, mark: (r, c) => (same(r, c) ? "result" : "window") });
    text.textContent = two.flat().every((value, at) => value === one.flat()[at])
      ? "The same: two convolutions in a row are one. Depth alone adds nothing."
      : "Not the same: with a rectifier between them two layers are more than one.";
  });
  host.append(
    controls(
      chooser("between the layers", between, [
        ["nothing", "nothing between"],
        ["relu", "a rectifier between"],
      ]),
    ),
    row(w1, sign("∗"), w2, sign("="), both),
    row(twice, once),
    text,
    el("p", { class: "hint" }, "The image is 7 × 7, made of small numbers."),
  );
});
