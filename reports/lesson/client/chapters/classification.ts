import { FOUR_PIXELS } from "../../../../suites/lectures/classification.ts";
import { lossOf, scoresOf } from "../../numbers/classification.ts";
import { barList } from "../parts/charts.ts";
import { chooser, slider } from "../parts/controls.ts";
import { button, caption, controls, figure, row, shown, sign } from "../parts/figure.ts";
import { matrixView } from "../parts/matrix-view.ts";
import { drawn, numberState, rowsState, wordState } from "../parts/state.ts";

const { classes, printed } = FOUR_PIXELS;

figure("scores-figure", (host) => {
  const image = rowsState("x", FOUR_PIXELS.image);
  const weights = rowsState("w", FOUR_PIXELS.weights);
  const bias = rowsState(
    "b",
    FOUR_PIXELS.bias.map((value) => [value]),
  );
  const [picture, matrix, column, offsets, result, text] = [
    matrixView(),
    matrixView(),
    matrixView(),
    matrixView(),
    matrixView(),
    caption(true),
  ];
  drawn([image, weights, bias], () => {
    const scores = scoresOf(weights.value, image.value.flat(), bias.value.flat());
    picture.show({ label: "the image", rows: image.value, edit: (rows) => image.set(rows), mark: () => "window" });
    matrix.show({
      label: "W",
      rows: weights.value,
      rowNames: [...classes],
      edit: (rows) => weights.set(rows),
      mark: () => "second",
    });
    column.show({ label: "x, stretched", rows: image.value.flat().map((value) => [value]), mark: () => "window" });
    offsets.show({ label: "b", rows: bias.value, edit: (rows) => bias.set(rows), mark: () => "second" });
    result.show({ label: "scores", rows: scores.map((score) => [score]), mark: () => "result", digits: 2 });
    const third = scores[2] ?? 0;
    const without = third - (bias.value[2]?.[0] ?? 0);
    text.textContent =
      `ship: ${shown(third, 2)}; without its bias ${shown(without, 2)}.` +
      (Math.abs(without - printed[2]) < 1e-9 ? " The slide prints 61.95: it forgot the bias here, and only here." : "");
  });
  host.append(
    row(picture, sign("→"), matrix, sign("·"), column, sign("+"), offsets, sign("="), result),
    text,
    controls(button("reset the numbers", () => [image, weights, bias].forEach((state) => state.reset()))),
  );
});

figure("softmax-figure", (host) => {
  const states = [
    numberState("cat", 1, -10, 10),
    numberState("dog", 2.5, -10, 10),
    numberState("ship", 0, -10, 10),
  ] as const;
  const label = wordState("class", "cat", classes);
  const [bars, table, text] = [barList(), matrixView(), caption(true)];
  drawn([...states, label], () => {
    const scores = states.map((state) => state.value);
    const right = classes.indexOf(label.value);
    const { probabilities, loss, gradient } = lossOf(scores, right);
    bars.show(
      classes.map((name, at) => ({
        name,
        value: probabilities[at] ?? 0,
        text: `${shown(100 * (probabilities[at] ?? 0), 1)} %`,
        colour: at === right ? 3 : 1,
      })),
    );
    table.show({
      label: "the gradient by the scores: probability − 1 for the right class, probability for the others",
      rows: [gradient],
      columnNames: [...classes],
      mark: (_, at) => (at === right ? "result" : "second"),
    });
    text.textContent =
      `Loss −log(${shown(probabilities[right] ?? 0)}) = ${shown(loss)}. The gradient sums ` +
      `to ${shown(Math.abs(gradient.reduce((sum, value) => sum + value, 0)) < 1e-12 ? 0 : 1)}: a shift of ` +
      `all scores changes nothing.`;
  });
  host.append(
    controls(
      ...classes.map((name, at) =>
        states[at] === undefined
          ? null
          : slider(name, states[at], { min: -10, max: 10, step: 0.1, text: (value) => shown(value) }),
      ),
    ),
    controls(
      "the right class: ",
      chooser(
        "the right class",
        label,
        classes.map((name) => [name, name] as const),
      ),
    ),
    bars,
    text,
    table,
  );
});
