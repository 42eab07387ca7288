import { FLIPPED, BINARY, MISPRINTED, SENSOR } from "../../../../suites/lectures/convolution.ts";
import type { Rows } from "../../../../suites/lectures/example.ts";
import { boxOverlap } from "../../numbers/boxes.ts";
import { convolve } from "../../numbers/layers.ts";
import { linePlot } from "../parts/charts.ts";
import { slider } from "../parts/controls.ts";
import { caption, controls, figure, shown } from "../parts/figure.ts";
import { slidingFigure } from "../parts/sliding.ts";
import { drawn, numberState } from "../parts/state.ts";
import { matrixView } from "../parts/matrix-view.ts";

figure("box-figure", (host) => {
  const t = numberState("t", -0.5, -1.5, 1.5);
  const [signals, result, text] = [linePlot(), linePlot(), caption(true)];
  const box = (from: number, to: number): readonly (readonly [number, number])[] => [
    [from, 0],
    [from, 1],
    [to, 1],
    [to, 0],
  ];
  drawn([t], () => {
    const at = t.value;
    const overlap = boxOverlap(at);
    const [from, to] = [Math.max(-0.5, at - 0.5), Math.min(0.5, at + 0.5)];
    signals.show({
      label: `The box x(a), the flipped and shifted box w(t − a) at t = ${shown(at)}, and their product`,
      x: [-2, 2],
      y: [0, 1.2],
      xName: "a",
      series: [
        { name: "x(a)", points: box(-0.5, 0.5), colour: 1 },
        { name: "w(t − a)", points: box(at - 0.5, at + 0.5), colour: 2 },
        { name: "their product", points: overlap > 0 ? box(from, to) : [[at, 0]], colour: 3, filled: true },
      ],
    });
    const steps = Array.from({ length: 121 }, (_, index) => -1.5 + index / 40);
    result.show({
      label: `The convolution y, a triangle; y(${shown(at)}) = ${shown(overlap)}`,
      x: [-2, 2],
      y: [0, 1.2],
      xName: "t",
      series: [
        { name: "y(t) = the area", points: steps.map((each) => [each, boxOverlap(each)] as const), colour: 3 },
        { name: "now", points: [[at, overlap]], colour: 3, dots: true },
      ],
    });
    text.textContent = `y(${shown(at)}) is the area of the overlap: ${shown(overlap)}.`;
  });
  host.append(controls(slider("shift t", t, { min: -1.5, max: 1.5, step: 0.05, text: shown })), signals, result, text);
});

figure("flip-figure", (host) =>
  slidingFigure(host, { key: "flip", image: FLIPPED.image, kernel: FLIPPED.kernel, flip: "choose" }),
);

figure("binary-figure", (host) =>
  slidingFigure(host, { key: "binary", image: BINARY.image, kernel: BINARY.kernel, flip: "never" }),
);

figure("misprint-figure", (host) => {
  const { image, kernel, printed } = MISPRINTED;
  const follows = convolve(image, kernel);
  const isWrong = (row: number, column: number): boolean => printed[row]?.[column] !== follows[row]?.[column];
  const text = caption();
  text.textContent = "Three of the four printed numbers do not follow from the printed image.";
  const matrices = [
    { label: "the image as printed", rows: image },
    { label: "kernel", rows: kernel },
    {
      label: "as printed",
      rows: printed,
      mark: (row: number, column: number) => (isWrong(row, column) ? "window" : undefined),
    },
    { label: "what follows", rows: follows },
  ] as const satisfies readonly { readonly label: string; readonly rows: Rows; readonly mark?: unknown }[];
  const box = controls(...matrices.map((model) => matrixView().show(model)));
  host.append(box, text);
});

figure("sensor-figure", (host) => {
  const newest = numberState("newest", 0.5, 0, 1);
  const [plot, text] = [linePlot(), caption(true)];
  drawn([newest], () => {
    const rest = (1 - newest.value) / 2;
    const weights = [newest.value, rest, rest];
    const [smoothed = []] = convolve([SENSOR.readings], [weights]);
    const most = Math.max(...SENSOR.readings);
    plot.show({
      label: "Noisy readings and their weighted average",
      x: [0, SENSOR.readings.length - 1],
      y: [0, most],
      xName: "time",
      series: [
        { name: "readings", points: SENSOR.readings.map((value, at) => [at, value] as const), colour: 1, dots: true },
        { name: "weighted average", points: smoothed.map((value, at) => [at + 2, value] as const), colour: 3 },
      ],
    });
    text.textContent = `w = (${weights.map((weight) => shown(weight)).join(", ")}), newest first: s = ${smoothed
      .map((value) => shown(value, 2))
      .join(", ")}.`;
  });
  host.append(
    controls(slider("weight of the newest reading", newest, { min: 0, max: 1, step: 0.05, text: shown })),
    plot,
    text,
  );
});
