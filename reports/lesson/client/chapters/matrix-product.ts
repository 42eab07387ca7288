import { outputShape } from "../../../../core/shape.ts";
import { columnsOf, product } from "../../numbers/im2col.ts";
import { problemOf, rowsOf } from "../../numbers/layers.ts";
import { barList } from "../parts/charts.ts";
import { slider, stepper } from "../parts/controls.ts";
import { caption, controls, count, figure, row, shown, sign, times } from "../parts/figure.ts";
import { matrixView } from "../parts/matrix-view.ts";
import { drawn, numberState, rowsState } from "../parts/state.ts";

const SIZE = 4;

figure("im2col-figure", (host) => {
  const image = rowsState("x", [
    [1, 2, 3, 0],
    [0, 1, 2, 3],
    [3, 0, 1, 2],
    [2, 3, 0, 1],
  ]);
  const filters = rowsState("w", [
    [1, 0, 0, -1],
    [1, 1, 1, 1],
  ]);
  const step = numberState("step", 0, 0, 17);
  const problem = { ...problemOf(image.value, rowsOf(filters.value[0] ?? [], 2)), outChannels: 2 };
  const [outHeight = 1, outWidth = 1] = outputShape(problem);
  const positions = outHeight * outWidth;
  const [input, columns, weights, result, text] = [
    matrixView(),
    matrixView(),
    matrixView(),
    matrixView(),
    caption(true),
  ];
  columns.classList.add("small");
  result.classList.add("small");
  drawn([image, filters, step], () => {
    const matrix = columnsOf(problem, image.value.flat());
    const y = product(filters.value, matrix);
    const isBuilding = step.value < positions;
    const at = isBuilding ? step.value : step.value - positions;
    const [oy, ox] = [Math.floor(at / outWidth), at % outWidth];
    const isIn = (r: number, c: number): boolean => r >= oy && r < oy + 2 && c >= ox && c < ox + 2;
    input.show({
      label: "input x",
      rows: image.value,
      mark: (r, c) => (isBuilding && isIn(r, c) ? "window" : undefined),
      edit: (rows) => image.set(rows),
    });
    columns.show({
      label: "im2col(x): a column for each position",
      rows: matrix.map((values) => values.map((value, column) => (!isBuilding || column <= at ? value : undefined))),
      mark: (_, column) => (column === at ? "window" : undefined),
    });
    weights.show({
      label: "W: a row for each filter, 2 × 2 stretched",
      rows: filters.value,
      mark: () => "second",
      edit: (rows) => filters.set(rows),
    });
    result.show({
      label: "Y = W · im2col(x)",
      rows: y.map((values) => values.map((value, column) => (!isBuilding && column <= at ? value : undefined))),
      mark: (_, column) => (!isBuilding && column === at ? "result" : undefined),
    });
    const taps = matrix.map((values) => values[at] ?? 0);
    text.textContent = isBuilding
      ? `The window at (${oy}, ${ox}) is copied into column ${at}: ${taps.map((tap) => shown(tap)).join(", ")}. ` +
        `${SIZE * SIZE} inputs become ${matrix.length * positions} numbers.`
      : filters.value
          .map(
            (filter, k) =>
              `y[${k}, ${oy}, ${ox}] = ${filter.map((w, tap) => times(w, taps[tap] ?? 0)).join(" + ")} = ` +
              shown(y[k]?.[at] ?? 0),
          )
          .join("; ");
  });
  host.append(
    controls(stepper("steps of im2col and the product", step, () => 2 * positions)),
    row(input, columns),
    row(weights, sign("·"), sign("im2col(x)"), sign("="), result),
    text,
  );
});

figure("cost-figure", (host) => {
  const kernel = numberState("kernel", 3, 1, 11);
  const channels = numberState("channels", 64, 1, 512);
  const size = numberState("size", 56, 7, 224);
  const [bars, text] = [barList(), caption(true)];
  drawn([kernel, channels, size], () => {
    const positions = (size.value - kernel.value + 1) ** 2;
    const taps = channels.value * kernel.value ** 2;
    const input = channels.value * size.value ** 2;
    bars.show([
      { name: "the input", value: input, text: `${count(4 * input)}B`, colour: 1 },
      { name: "im2col of it", value: taps * positions, text: `${count(4 * taps * positions)}B`, colour: 2 },
    ]);
    text.textContent =
      `The matrix is ${count(taps)} × ${count(positions)}: ${shown((taps * positions) / input, 1)} times the input. ` +
      `With as many filters as channels the product takes ${count(channels.value * taps * positions)} ` +
      `multiply-adds, exactly those of the definition.`;
  });
  host.append(
    controls(
      slider("kernel", kernel, { min: 1, max: 11, text: (value) => `${value} × ${value}` }),
      slider("channels", channels, { min: 1, max: 512 }),
      slider("image", size, { min: 12, max: 224, text: (value) => `${value} × ${value}` }),
    ),
    bars,
    text,
  );
});
