import { LOCAL_CONTRAST, RECTIFICATION } from "../../../../suites/lectures/normalisation.ts";
import { applied } from "../../numbers/layers.ts";
import { folded, localContrast, normalised, statisticsOf } from "../../numbers/normalisation.ts";
import { greyScene } from "../../numbers/pictures.ts";
import { chooser, slider } from "../parts/controls.ts";
import { caption, controls, el, figure, row, shown, sign } from "../parts/figure.ts";
import { matrixView } from "../parts/matrix-view.ts";
import { pixelPicture } from "../parts/pixel-picture.ts";
import { drawn, numberState, rowsState, wordState } from "../parts/state.ts";

figure("rectification-figure", (host) => {
  const way = wordState("rectifier", "absolute-value", ["absolute-value", "relu"]);
  const [before, after, text] = [matrixView(), matrixView(), caption(true)];
  const edge = [...RECTIFICATION.edge];
  const other = edge.map((value) => -value);
  drawn([way], () => {
    before.show({
      label: "responses to an edge, and to its negative",
      rows: [edge, other],
      rowNames: ["black to white", "white to black"],
    });
    const rows = [edge, other].map((values) => applied({ kind: way.value }, [values])[0] ?? []);
    after.show({ label: way.value === "relu" ? "max(0, x)" : "|x|", rows, mark: () => "result" });
    text.textContent =
      way.value === "relu"
        ? "ReLU keeps one sign and loses the other: two filters see what |x| sees with one."
        : "Both edges give the same: the sign is lost, and what is left does not mind it.";
  });
  host.append(
    controls(
      chooser("rectifier", way, [
        ["absolute-value", "|x|"],
        ["relu", "ReLU"],
      ]),
    ),
    row(before, sign("→"), after),
    text,
  );
});

figure("contrast-figure", (host) => {
  const dark = numberState("dark", 0.25, 0.05, 1);
  const scene = greyScene(64);
  const [before, after, text] = [pixelPicture(), pixelPicture(), caption(true)];
  drawn([dark], () => {
    const values = scene.values.map((value, at) => (at % scene.width < scene.width / 2 ? value * dark.value : value));
    const picture = { ...scene, values };
    const result = localContrast(picture, LOCAL_CONTRAST.size, LOCAL_CONTRAST.sigma);
    before.show({ label: "the left half in the dark", ...picture, high: 255, size: 14 });
    after.show({ label: "after local contrast normalisation", ...result, high: 2, kind: "signed", size: 14 });
    text.textContent =
      `Left of the middle the light is ${shown(dark.value)} of what it was. Edges come out ` +
      `alike on both sides as long as their contrast is above the image's average.`;
  });
  host.append(
    controls(slider("light on the left", dark, { min: 0.05, max: 1, step: 0.05, text: shown })),
    row(before, after),
    text,
  );
});

figure("batch-figure", (host) => {
  const batch = rowsState("batch", [[1, 3, 2, 6]]);
  const [scale, shift] = [numberState("gamma", 1, 0, 3), numberState("beta", 0, -3, 3)];
  const phase = wordState("phase", "training", ["training", "inference"]);
  const running = { mean: 2, variance: 4 };
  const [before, after, text] = [matrixView(), matrixView(), caption(true)];
  drawn([batch, scale, shift, phase], () => {
    const values = batch.value[0] ?? [];
    const own = statisticsOf(values);
    const used = phase.value === "training" ? own : running;
    const y = normalised(values, { scale: scale.value, shift: shift.value, ...running }, phase.value);
    before.show({
      label: "one feature of a batch of images",
      rows: batch.value,
      edit: (rows) => batch.set(rows),
      mark: () => "window",
    });
    after.show({ label: "y = γ·(x − μ)/√(σ² + ε) + β", rows: [y], mark: () => "result" });
    text.textContent =
      `μ = ${shown(used.mean)}, σ² = ${shown(used.variance)} ` +
      (phase.value === "training"
        ? "of this batch: change one image, and the outputs of all others change."
        : "averaged during training: each image by itself, and a linear map.");
  });
  const identity = el(
    "button",
    {
      type: "button",
      click: () => {
        const { mean, variance } = statisticsOf(batch.value[0] ?? []);
        scale.set(Math.sqrt(variance));
        shift.set(mean);
      },
    },
    "γ = σ, β = μ",
  );
  host.append(
    controls(
      chooser("phase", phase, [
        ["training", "training"],
        ["inference", "inference"],
      ]),
      slider("γ", scale, { min: 0, max: 3, step: 0.05, text: (value) => shown(value) }),
      slider("β", shift, { min: -3, max: 3, step: 0.1, text: (value) => shown(value) }),
      identity,
    ),
    row(before, sign("→"), after),
    text,
  );
});

figure("folding-figure", (host) => {
  const [weight, bias] = [numberState("w", 2, -4, 4), numberState("b", 1, -4, 4)];
  const [scale, shift, mean, variance] = [
    numberState("g2", 1.5, 0, 3),
    numberState("b2", -1, -3, 3),
    numberState("mu", 3, -4, 8),
    numberState("var", 4, 0.1, 9),
  ];
  const [table, text] = [matrixView(), caption(true)];
  drawn([weight, bias, scale, shift, mean, variance], () => {
    const by = { scale: scale.value, shift: shift.value, mean: mean.value, variance: variance.value };
    const one = folded(weight.value, bias.value, by);
    const xs = [-2, -1, 0, 1, 2];
    const after = normalised(
      xs.map((x) => weight.value * x + bias.value),
      by,
      "inference",
    );
    table.show({
      label: "five inputs",
      rows: [xs, after, xs.map((x) => one.weight * x + one.bias)],
      rowNames: ["x", "w·x + b, then normalised", "w′·x + b′"],
      mark: (r) => (r === 0 ? "window" : "result"),
      digits: 4,
    });
    const [ofWeight, ofBias] = [shown(one.weight, 4), shown(one.bias, 4)];
    text.textContent = `w′ = w·γ/√(σ² + ε) = ${ofWeight}, b′ = (b − μ)·γ/√(σ² + ε) + β = ${ofBias}.`;
  });
  const text2 = (value: number): string => shown(value, 2);
  host.append(
    controls(
      slider("w", weight, { min: -4, max: 4, step: 0.5, text: text2 }),
      slider("b", bias, { min: -4, max: 4, step: 0.5, text: text2 }),
      slider("γ", scale, { min: 0, max: 3, step: 0.1, text: text2 }),
      slider("β", shift, { min: -3, max: 3, step: 0.1, text: text2 }),
      slider("μ", mean, { min: -4, max: 8, step: 0.5, text: text2 }),
      slider("σ²", variance, { min: 0.1, max: 9, step: 0.1, text: text2 }),
    ),
    table,
    text,
  );
});
