import type { Rows } from "../../../../suites/lectures/example.ts";
import { DETECTOR, DIFFERENCE, UPRIGHT_EDGES } from "../../../../suites/lectures/kernels.ts";
import { detected, filtered } from "../../numbers/kernels.ts";
import { greyScene, type Picture } from "../../numbers/pictures.ts";
import { chooser, slider } from "../parts/controls.ts";
import { button, caption, controls, figure, row, shown } from "../parts/figure.ts";
import { matrixView } from "../parts/matrix-view.ts";
import { pictureDrop, pixelPicture } from "../parts/pixel-picture.ts";
import { slidingFigure } from "../parts/sliding.ts";
import { drawn, numberState, rowsState, wordState } from "../parts/state.ts";

const PRESETS: readonly (readonly [name: string, kernel: Rows])[] = [
  ["upright edges", UPRIGHT_EDGES.kernel],
  ["lying edges", UPRIGHT_EDGES.kernel.map((_, r) => UPRIGHT_EDGES.kernel.map((line) => line[r] ?? 0))],
  [
    "all edges",
    [-1, -1, -1, -1, 8, -1, -1, -1, -1].flatMap((_, at, all) => (at % 3 === 0 ? [all.slice(at, at + 3)] : [])),
  ],
  ["blur", [1, 1, 1].map(() => [1 / 9, 1 / 9, 1 / 9])],
  [
    "sharpen",
    [
      [0, -1, 0],
      [-1, 5, -1],
      [0, -1, 0],
    ],
  ],
  [
    "nothing",
    [
      [0, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ],
  ],
];

figure("difference-figure", (host) =>
  slidingFigure(host, { key: "difference", image: DIFFERENCE.image, kernel: DIFFERENCE.kernel, flip: "never" }),
);

figure("picture-figure", (host) => {
  const kernel = rowsState("kernel", UPRIGHT_EDGES.kernel);
  const view = wordState("view", "response", ["response", "detector"]);
  const scale = numberState("scale", DETECTOR.scale, 0, 0.1);
  const shift = numberState("less", -DETECTOR.shift, 0, 20);
  let picture: Picture = greyScene();
  const [input, output, weights, text] = [pixelPicture(), pixelPicture(), matrixView(), caption(true)];
  const draw = (): void => {
    const response = filtered(picture, kernel.value);
    input.show({ label: "x", ...picture, high: 255, size: 16 });
    weights.show({ label: "kernel w", rows: kernel.value, edit: (rows) => kernel.set(rows), digits: 2 });
    const isDetector = view.value === "detector";
    const most = response.values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    const isGrey = response.values.every((value) => value >= 0);
    const shownValues = isDetector ? detected(response, scale.value, -shift.value) : response;
    output.show({
      label: isDetector ? "sigm(scale · (x ⋆ w) − shift)" : "x ⋆ w",
      ...shownValues,
      high: isDetector ? 1 : isGrey ? 255 : most,
      kind: isDetector || isGrey ? "grey" : "signed",
      size: 16,
    });
    const above = detected(response, scale.value, -shift.value).values.reduce(
      (sum, value) => sum + Number(value > 0.5),
      0,
    );
    text.textContent = isDetector
      ? `White where the response is above ${shown(shift.value / scale.value, 1)}: ${shown(above)} of ` +
        `${shown(response.values.length)} pixels.`
      : `Responses from ${shown(Math.min(...response.values), 1)} to ` +
        `${shown(Math.max(...response.values), 1)}; blue is positive, orange negative.`;
  };
  drawn([kernel, view, scale, shift], draw);
  host.append(
    controls(...PRESETS.map(([name, rows]) => button(name, () => kernel.set(rows)))),
    controls(
      chooser("what is shown", view, [
        ["response", "the response"],
        ["detector", "a detector: sigmoid of it"],
      ]),
      slider("scale", scale, { min: 0.005, max: 0.1, step: 0.005, text: (value) => shown(value) }),
      slider("shift", shift, { min: 0, max: 20, text: (value) => `−${value}` }),
    ),
    row(input, weights, output),
    text,
    pictureDrop((own) => {
      picture = own;
      draw();
    }),
  );
});
