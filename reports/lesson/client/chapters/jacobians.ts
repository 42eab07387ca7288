import { JACOBIANS } from "../../../../suites/lectures/differentiation.ts";
import { INPUT, jacobianOf, LAYERS } from "../../numbers/jacobians.ts";
import { product } from "../../numbers/im2col.ts";
import { barList } from "../parts/charts.ts";
import { chooser, slider } from "../parts/controls.ts";
import { caption, controls, count, el, figure, row, shown, sign } from "../parts/figure.ts";
import { matrixView } from "../parts/matrix-view.ts";
import { drawn, numberState, rowsState, wordState } from "../parts/state.ts";

const SAYS = {
  relu: "Diagonal: 1 where x is positive, 0 elsewhere. An output depends on its own input alone.",
  sigmoid: "Diagonal again, with σ(x)·(1 − σ(x)).",
  "fully-connected": "It is W itself, whatever x is.",
  convolution: "Banded, the same three weights along every diagonal: sharing, seen as a matrix.",
  "max-pooling": "One 1 in each row, at the winner.",
  softmax: "Full, and every row and column sums to 0: a shift of all scores changes nothing.",
} as const;

figure("jacobian-figure", (host) => {
  const name = wordState("layer", "relu", LAYERS);
  const [input, matrix, text] = [matrixView(), matrixView(), caption(true)];
  drawn([name], () => {
    const { rows } = jacobianOf(name.value);
    input.show({ label: "x", rows: [[...INPUT]], mark: () => "window" });
    matrix.show({
      label: "J = ∂y/∂x: a row for each output",
      rows,
      digits: 3,
      mark: (r, c) => (rows[r]?.[c] === 0 ? "pale" : "result"),
    });
    const isZero = rows.flat().filter((value) => value === 0).length;
    text.textContent = `${SAYS[name.value]} ${isZero} of its ${rows.flat().length} numbers are 0.`;
  });
  host.append(
    controls(
      chooser(
        "layer",
        name,
        LAYERS.map((each) => [each, each] as const),
      ),
    ),
    el("div", { class: "stack" }, input, matrix),
    text,
  );
});

figure("product-figure", (host) => {
  const slope = rowsState("dy", [[1, 0, 2, 0, -1, 1]]);
  const [left, matrix, right, text] = [matrixView(), matrixView(), matrixView(), caption(true)];
  drawn([slope], () => {
    const { rows } = jacobianOf("relu");
    const dx = product(slope.value, rows);
    left.show({ label: "dy", rows: slope.value, edit: (values) => slope.set(values), mark: () => "second" });
    matrix.show({ label: "J of ReLU", rows, mark: (r, c) => (rows[r]?.[c] === 0 ? "pale" : "result") });
    right.show({ label: "dx = dy · J", rows: dx, mark: () => "result" });
    text.textContent =
      "The product takes 36 multiplications with the matrix. Without it: keep dy where x is positive, 0 elsewhere.";
  });
  host.append(row(left, sign("·"), matrix), right, text);
});

figure("memory-figure", (host) => {
  const features = numberState("features", JACOBIANS.features, 16, 8192);
  const batch = numberState("batch", JACOBIANS.batch, 1, 256);
  const [bars, text] = [barList(), caption(true)];
  drawn([features, batch], () => {
    const rows = features.value * batch.value;
    bars.show(
      [
        { name: "x and y", value: 2 * rows, text: `${count(8 * rows)}B`, colour: 1 },
        { name: "J of one image", value: features.value ** 2, text: `${count(4 * features.value ** 2)}B`, colour: 2 },
        {
          name: `J of ${batch.value} ${batch.value === 1 ? "image" : "images"}`,
          value: rows ** 2,
          text: `${count(4 * rows ** 2)}B`,
          colour: 2,
        },
      ],
      true,
    );
    text.textContent =
      `${shown(features.value)} × ${shown(features.value)} = ${shown(features.value ** 2)} numbers for one image; ` +
      `${shown(rows)} × ${shown(rows)} for the batch. Of a ReLU's, at most ${shown(rows)} differ from 0. The ` +
      `bars are logarithmic.`;
  });
  host.append(
    controls(
      slider("features", features, { min: 16, max: 8192, step: 16, text: (value) => shown(value) }),
      slider("images", batch, { min: 1, max: 256 }),
    ),
    bars,
    text,
  );
});
