import { BRANCHES, SIGMOID_LAYER, SINE_AND_PRODUCT } from "../../../../suites/lectures/differentiation.ts";
import { costOf, forwardSteps, PROGRAM, reverseSteps, valuesOf } from "../../numbers/differentiation.ts";
import { applied, gradientOf } from "../../numbers/layers.ts";
import { barList } from "../parts/charts.ts";
import { chooser, slider, stepper } from "../parts/controls.ts";
import { caption, controls, count, figure, row, shown } from "../parts/figure.ts";
import { matrixView } from "../parts/matrix-view.ts";
import { nodeGraph } from "../parts/node-graph.ts";
import { drawn, numberState, rowsState, wordState } from "../parts/state.ts";

const PLACES: Readonly<Record<string, readonly [x: number, y: number]>> = {
  x1: [120, 190],
  x2: [400, 190],
  a: [120, 110],
  b: [330, 110],
  f: [225, 35],
};

figure("modes-figure", (host) => {
  const mode = wordState("mode", "x1", ["x1", "x2", "reverse"]);
  const [x1, x2] = [numberState("x1", SINE_AND_PRODUCT.at[0], -5, 5), numberState("x2", SINE_AND_PRODUCT.at[1], -5, 5)];
  const step = numberState("step", 0, 0, 4);
  const [graph, table, text, result] = [nodeGraph(), matrixView(), caption(true), caption()];
  const stepsNow = () => {
    const at = { x1: x1.value, x2: x2.value };
    return mode.value === "reverse" ? reverseSteps(at) : forwardSteps(at, mode.value);
  };
  drawn([mode, x1, x2, step], () => {
    const at = { x1: x1.value, x2: x2.value };
    const values = valuesOf(at);
    const steps = stepsNow();
    const now = steps[Math.min(step.value, steps.length - 1)];
    if (now === undefined) return;
    graph.show({
      label: "The graph of sin(x₁) + x₁·x₂, inputs below",
      width: 520,
      height: 225,
      radius: 26,
      nodes: PROGRAM.map(({ name, formula }) => ({
        name,
        text: formula
          .replace("x1", "x₁")
          .replace("x2", "x₂")
          .replace("sin(x₁)", "sin")
          .replace("x₁ · x₂", "·")
          .replace("a + b", "+"),
        x: PLACES[name]?.[0] ?? 0,
        y: PLACES[name]?.[1] ?? 0,
      })),
      edges: PROGRAM.flatMap(({ name, inputs }) => inputs.map((from) => ({ from, to: name }))),
      chosen: now.operation,
      isOn: (name) => now.known.has(name),
      isEdgeOn: ({ to }) => to === now.operation,
    });
    const names = PROGRAM.map(({ name }) => name);
    table.show({
      label:
        mode.value === "reverse"
          ? "values, and the slope of f by each"
          : `values, and the slope of each by ${mode.value}`,
      rows: [names.map((name) => values.get(name)), names.map((name) => now.known.get(name))],
      rowNames: ["value", mode.value === "reverse" ? "df / d·" : `d· / d${mode.value}`],
      columnNames: ["x₁", "x₂", "a = sin x₁", "b = x₁·x₂", "f = a + b"],
      digits: 4,
      mark: (r, c) => (r === 1 && names[c] === now.operation ? "result" : undefined),
    });
    text.textContent = now.text;
    result.textContent =
      `By hand: ∂f/∂x₁ = cos(x₁) + x₂ = ${shown(Math.cos(x1.value) + x2.value, 4)}, ` +
      `∂f/∂x₂ = x₁ = ${shown(x1.value, 4)}. ${
        mode.value === "reverse" ? "One pass gives both." : "This pass gives one of them; another input, another pass."
      }`;
  });
  host.append(
    controls(
      chooser("mode", mode, [
        ["x1", "forward, along x₁"],
        ["x2", "forward, along x₂"],
        ["reverse", "reverse"],
      ]),
      slider("x₁", x1, { min: -5, max: 5, step: 0.5, text: (value) => shown(value) }),
      slider("x₂", x2, { min: -5, max: 5, step: 0.5, text: (value) => shown(value) }),
      stepper("steps", step, () => stepsNow().length),
    ),
    graph,
    table,
    text,
    result,
  );
});

figure("passes-figure", (host) => {
  const inputs = numberState("inputs", 1000, 1, 100_000);
  const outputs = numberState("outputs", 1, 1, 1000);
  const [bars, text] = [barList(), caption(true)];
  const OPERATIONS = 100_000;
  drawn([inputs, outputs], () => {
    const { forward, reverse } = costOf(inputs.value, outputs.value, OPERATIONS);
    bars.show(
      [
        { name: "forward: passes", value: forward.passes, text: count(forward.passes), colour: 1 },
        { name: "reverse: passes", value: reverse.passes, text: count(reverse.passes), colour: 3 },
        { name: "forward: kept", value: forward.kept, text: "value and slope", colour: 1 },
        { name: "reverse: kept", value: reverse.kept, text: `${count(reverse.kept)} values`, colour: 3 },
      ],
      true,
    );
    text.textContent =
      forward.passes === reverse.passes
        ? "As many passes either way; forward mode keeps less."
        : `${forward.passes < reverse.passes ? "Forward" : "Reverse"} mode needs fewer passes. A network has ` +
          `millions of inputs (its weights) and one output (the loss): reverse mode, and memory for every ` +
          `value on the way.`;
  });
  host.append(
    controls(
      slider("inputs d", inputs, { min: 1, max: 100_000, step: 1, text: (value) => shown(value) }),
      slider("outputs c", outputs, { min: 1, max: 1000, text: (value) => shown(value) }),
    ),
    bars,
    text,
  );
});

figure("branches-figure", (host) => {
  const x = rowsState("branch.x", [BRANCHES.x]);
  const dy = rowsState("branch.dy", [BRANCHES.dy]);
  const [values, text] = [matrixView(), caption(true)];
  const [input, slope] = [matrixView(), matrixView()];
  drawn([x, dy], () => {
    const absolute = applied({ kind: "absolute-value" }, x.value)[0] ?? [];
    const relu = applied({ kind: "relu" }, x.value)[0] ?? [];
    const byAbsolute = gradientOf({ kind: "absolute-value" }, x.value, dy.value)[0] ?? [];
    const byRelu = gradientOf({ kind: "relu" }, x.value, dy.value)[0] ?? [];
    const total = byAbsolute.map((each, at) => 2 * each + (byRelu[at] ?? 0));
    input.show({ label: "x", rows: x.value, edit: (rows) => x.set(rows), mark: () => "window" });
    slope.show({ label: "dy", rows: dy.value, edit: (rows) => dy.set(rows), mark: () => "second" });
    values.show({
      label: "y = |x| + relu(x) + |x|, and what comes back along each branch",
      rows: [absolute.map((value, at) => 2 * value + (relu[at] ?? 0)), byAbsolute, byRelu, byAbsolute, total],
      rowNames: ["y", "through |x|", "through relu", "through |x|", "dx: their sum"],
      mark: (r) => (r === 0 || r === 4 ? "result" : "second"),
    });
    text.textContent = `dx = (${total.map((value) => shown(value)).join(", ")}).`;
  });
  host.append(row(input, slope), values, text);
});

figure("layer-figure", (host) => {
  const x = rowsState("bottom", [SIGMOID_LAYER.x]);
  const dy = rowsState("top", [SIGMOID_LAYER.topDiff]);
  const views = [matrixView(), matrixView(), matrixView(), matrixView()] as const;
  const [bottom, top, topDiff, bottomDiff] = views;
  drawn([x, dy], () => {
    bottom.show({ label: "bottom_data", rows: x.value, edit: (rows) => x.set(rows), mark: () => "window" });
    top.show({ label: "top_data = σ(bottom_data)", rows: applied({ kind: "sigmoid" }, x.value), mark: () => "result" });
    topDiff.show({ label: "top_diff", rows: dy.value, edit: (rows) => dy.set(rows), mark: () => "second" });
    bottomDiff.show({
      label: "bottom_diff = top_diff · σ·(1 − σ)",
      rows: gradientOf({ kind: "sigmoid" }, x.value, dy.value),
      mark: () => "result",
    });
  });
  host.append(row(bottom, top), row(topDiff, bottomDiff));
});
