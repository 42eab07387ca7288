import { GRADIENT } from "../../../../suites/lectures/differentiation.ts";
import { differenceAt, gradientsAt, type Point } from "../../numbers/gradient.ts";
import { correlate, flipped } from "../../numbers/layers.ts";
import { slider, stepper } from "../parts/controls.ts";
import { button, caption, controls, figure, row, shown, sign, times } from "../parts/figure.ts";
import { matrixView, type Mark } from "../parts/matrix-view.ts";
import { paddedRows } from "../parts/sliding.ts";
import { drawn, numberState, rowsState } from "../parts/state.ts";

const x = rowsState("x", GRADIENT.x);
const weights = rowsState("w", GRADIENT.weights);
const dy = rowsState("dy", GRADIENT.dy);
const pointNow = (): Point => ({ x: x.value, weights: weights.value, bias: GRADIENT.bias, dy: dy.value });

figure("forward-figure", (host) => {
  const [image, kernel, slope, output, text] = [matrixView(), matrixView(), matrixView(), matrixView(), caption(true)];
  drawn([x, weights, dy], () => {
    const { y } = gradientsAt(pointNow());
    image.show({ label: "x", rows: x.value, edit: (rows) => x.set(rows), mark: () => "window" });
    kernel.show({ label: "w", rows: weights.value, edit: (rows) => weights.set(rows), mark: () => "second" });
    output.show({ label: `y = x ⋆ w + ${GRADIENT.bias}`, rows: y, mark: () => "result" });
    slope.show({ label: "dy: the slope of the loss by y", rows: dy.value, edit: (rows) => dy.set(rows) });
    text.textContent =
      "dy comes from the layers behind: dy[1, 0] = 2 says that the loss grows by 2 for every 1 that y[1, 0] grows.";
  });
  host.append(
    row(image, sign("⋆"), kernel, sign("→"), output, slope),
    text,
    controls(button("reset the numbers", () => [x, weights, dy].forEach((state) => state.reset()))),
  );
});

/** a·b + c·d with the zeros of the padding left out. */
function sumText(pairs: readonly (readonly [number, number] | undefined)[]): string {
  const terms = pairs.flatMap((pair) => (pair === undefined ? [] : [times(pair[0], pair[1])]));
  return terms.join(" + ").replaceAll("+ −", "− ");
}

figure("dx-figure", (host) => {
  const step = numberState("dx.step", 4, 0, 8);
  const [slopes, kernel, result, text] = [matrixView(), matrixView(), matrixView(), caption(true)];
  drawn([x, weights, dy, step], () => {
    const padded = paddedRows(dy.value, 1);
    const turned = flipped(weights.value);
    const { dx } = gradientsAt(pointNow());
    const full = correlate(padded, turned);
    const [r0, c0] = [Math.floor(step.value / 3), step.value % 3];
    const isIn = (r: number, c: number): boolean => r >= r0 && r < r0 + 2 && c >= c0 && c < c0 + 2;
    const isPadding = (r: number, c: number): boolean => r === 0 || c === 0 || r === 3 || c === 3;
    slopes.show({
      label: "dy, padded by K − 1",
      rows: padded,
      mark: (r, c): Mark | undefined => (isIn(r, c) ? "window" : isPadding(r, c) ? "padding" : undefined),
      note: (r, c) => (isIn(r, c) ? `×${shown(turned[r - r0]?.[c - c0] ?? 0)}` : undefined),
    });
    kernel.show({ label: "w, flipped", rows: turned, mark: () => "second" });
    result.show({ label: "dX", rows: dx, mark: (r, c) => (r === r0 && c === c0 ? "result" : undefined) });
    const pairs = turned.flatMap((taps, a) =>
      taps.map((tap, b) => (isPadding(r0 + a, c0 + b) ? undefined : ([padded[r0 + a]?.[c0 + b] ?? 0, tap] as const))),
    );
    const same = full.flat().every((value, at) => value === dx.flat()[at]);
    text.textContent =
      `dX[${r0}, ${c0}] = ${sumText(pairs)} = ${shown(dx[r0]?.[c0] ?? 0)}: every output that read x[${r0}, ` +
      `${c0}], times the weight it read it with. ` +
      (same ? "The sliding product and the definition of the gradient agree everywhere." : "They differ!");
  });
  host.append(
    controls(stepper("elements of dX", step, () => 9)),
    row(slopes, sign("⋆"), kernel, sign("="), result),
    text,
  );
});

figure("dw-figure", (host) => {
  const step = numberState("dw.step", 0, 0, 3);
  const [image, slopes, result, text] = [matrixView(), matrixView(), matrixView(), caption(true)];
  drawn([x, weights, dy, step], () => {
    const { dWeights, dBias } = gradientsAt(pointNow());
    const [r0, c0] = [Math.floor(step.value / 2), step.value % 2];
    const isIn = (r: number, c: number): boolean => r >= r0 && r < r0 + 2 && c >= c0 && c < c0 + 2;
    image.show({
      label: "x",
      rows: x.value,
      mark: (r, c) => (isIn(r, c) ? "window" : undefined),
      note: (r, c) => (isIn(r, c) ? `×${shown(dy.value[r - r0]?.[c - c0] ?? 0)}` : undefined),
    });
    slopes.show({ label: "dy, as the kernel", rows: dy.value, mark: () => "second" });
    result.show({ label: "dW", rows: dWeights, mark: (r, c) => (r === r0 && c === c0 ? "result" : undefined) });
    const pairs = dy.value.flatMap((values, a) =>
      values.map((slope, b) => [x.value[r0 + a]?.[c0 + b] ?? 0, slope] as const),
    );
    text.textContent =
      `dW[${r0}, ${c0}] = ${sumText(pairs)} = ${shown(dWeights[r0]?.[c0] ?? 0)}: the weight was used at all ` +
      `four positions, and the gradients of its uses add. ` +
      `dB = ${dy.value
        .flat()
        .map((value) => shown(value))
        .join(" + ")
        .replaceAll("+ −", "− ")} = ${shown(dBias)}.`;
  });
  host.append(
    controls(stepper("elements of dW", step, () => 4)),
    row(image, sign("⋆"), slopes, sign("="), result),
    text,
  );
});

figure("difference-figure", (host) => {
  const power = numberState("h", 3, 1, 15);
  const [byX, byW, text] = [matrixView(), matrixView(), caption(true)];
  drawn([x, weights, dy, power], () => {
    const point = pointNow();
    const { dx, dWeights } = gradientsAt(point);
    const step = 10 ** -power.value;
    const differences = (operand: "x" | "weights"): number[][] =>
      point[operand].map((values, r) => values.map((_, c) => differenceAt(point, operand, r, c, step)));
    const [dxs, dws] = [differences("x"), differences("weights")];
    const isRight = (one: number | undefined, other: number | undefined): Mark =>
      Math.abs((one ?? 0) - (other ?? 0)) < 1e-6 ? "result" : "second";
    byX.show({ label: "differences by x", rows: dxs, digits: 6, mark: (r, c) => isRight(dxs[r]?.[c], dx[r]?.[c]) });
    byW.show({
      label: "differences by w",
      rows: dws,
      digits: 6,
      mark: (r, c) => isRight(dws[r]?.[c], dWeights[r]?.[c]),
    });
    const errors = [
      ...dxs.flat().map((value, at) => value - (dx.flat()[at] ?? 0)),
      ...dws.flat().map((value, at) => value - (dWeights.flat()[at] ?? 0)),
    ];
    text.textContent =
      `Largest error with h = 10^−${power.value}: ` +
      `${Math.max(...errors.map(Math.abs)).toExponential(1)}. Green: right to six digits.`;
  });
  host.append(
    controls(slider("step h", power, { min: 1, max: 15, text: (value) => `10^−${value}` })),
    row(byX, byW),
    text,
  );
});
