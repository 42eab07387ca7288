import { byFourier, byWinograd, multiplications } from "../../numbers/transforms.ts";
import { correlate } from "../../numbers/layers.ts";
import { barList, linePlot } from "../parts/charts.ts";
import { slider } from "../parts/controls.ts";
import { caption, controls, el, figure, row, shown, sign } from "../parts/figure.ts";
import { matrixView } from "../parts/matrix-view.ts";
import { drawn, numberState, rowsState } from "../parts/state.ts";

figure("fourier-figure", (host) => {
  const x = rowsState("x", [[1, 2, 0, 3, 1]]);
  const w = rowsState("w", [[1, -1, 2]]);
  const views = [matrixView(), matrixView(), matrixView(), matrixView()] as const;
  const [signal, kernel, spectra, result] = views;
  const text = caption(true);
  drawn([x, w], () => {
    const { spectrumX, spectrumW, products, y } = byFourier(x.value[0] ?? [], w.value[0] ?? []);
    const padding = (w.value[0]?.length ?? 1) - 1;
    const zeros = Array.from({ length: padding }, () => 0);
    const [direct = []] = correlate([[...zeros, ...(x.value[0] ?? []), ...zeros]], [(w.value[0] ?? []).toReversed()]);
    const error = Math.max(...y.map((value, at) => Math.abs(value - (direct[at] ?? 0))));
    signal.show({ label: "x", rows: x.value, edit: (rows) => x.set(rows), mark: () => "window" });
    kernel.show({ label: "w", rows: w.value, edit: (rows) => w.set(rows), mark: () => "second" });
    spectra.show({
      label: "frequency by frequency: real and imaginary parts",
      rows: [spectrumX, spectrumW, products].flatMap((spectrum) => [
        spectrum.map(({ re }) => re),
        spectrum.map(({ im }) => im),
      ]),
      rowNames: ["x̂ real", "x̂ imaginary", "ŵ real", "ŵ imaginary", "x̂·ŵ real", "x̂·ŵ imaginary"],
      digits: 2,
      mark: (r) => (r < 2 ? "window" : r < 4 ? "second" : "result"),
    });
    result.show({
      label: "x * w, in full",
      rows: [direct, y],
      rowNames: ["by the definition", "back from the frequencies"],
      digits: 6,
    });
    text.textContent = `The largest difference is ${error === 0 ? "0" : error.toExponential(1)}: rounding, no more.`;
  });
  host.append(row(signal, sign("∗"), kernel), spectra, result, text);
});

figure("counts-figure", (host) => {
  const size = numberState("size", 64, 16, 256);
  const [plot, text] = [linePlot(), caption(true)];
  drawn([size], () => {
    const kernels = Array.from({ length: 15 }, (_, at) => at + 1);
    const counts = kernels.map((kernel) => [kernel, multiplications(size.value, kernel)] as const);
    const crossing = counts.find(([, { direct, fourier }]) => fourier < direct)?.[0];
    const most = Math.max(...counts.map(([, { direct }]) => direct));
    plot.show({
      label: "Multiplications by kernel size, direct and by FFT",
      x: [1, 15],
      y: [0, most / 1e6],
      xName: "kernel K; millions of multiplications for one channel",
      series: [
        { name: "direct", points: counts.map(([kernel, { direct }]) => [kernel, direct / 1e6] as const), colour: 2 },
        { name: "FFT", points: counts.map(([kernel, { fourier }]) => [kernel, fourier / 1e6] as const), colour: 3 },
      ],
    });
    text.textContent =
      crossing === undefined
        ? "Up to 15 × 15 the direct way has fewer multiplications."
        : `From ${crossing} × ${crossing} on the FFT has fewer multiplications; its count does not depend on ` +
          `the kernel.`;
  });
  host.append(
    controls(slider("image", size, { min: 16, max: 256, step: 16, text: (value) => `${value} × ${value}` })),
    plot,
    text,
  );
});

figure("winograd-figure", (host) => {
  const m = numberState("m", 2, 1, 6);
  const w = rowsState("g", [[1, 2, -1]]);
  const tile = Array.from({ length: 8 }, (_, at) => ((at * 3) % 5) + 1);
  const [input, kernel, inside, outside, result] = [
    matrixView(),
    matrixView(),
    matrixView(),
    matrixView(),
    matrixView(),
  ];
  const [bars, text] = [barList(), caption(true)];
  drawn([m, w], () => {
    const taps = w.value[0] ?? [];
    const data = tile.slice(0, m.value + taps.length - 1);
    const steps = byWinograd(m.value, data, taps);
    const [direct = []] = correlate([data], [taps]);
    input.show({ label: `${data.length} inputs d`, rows: [data], mark: () => "window" });
    kernel.show({ label: "kernel g", rows: w.value, edit: (rows) => w.set(rows), mark: () => "second" });
    inside.show({ label: "Bᵀ: what to add and subtract", rows: steps.bT });
    outside.show({
      label: "transformed, and multiplied",
      rows: [steps.data, steps.weights, steps.products],
      rowNames: ["Bᵀd", "Gg", "their product"],
      mark: (r) => (r === 0 ? "window" : r === 1 ? "second" : "result"),
    });
    result.show({
      label: "Aᵀ · product",
      rows: [steps.y, direct],
      rowNames: ["Winograd", "definition"],
      mark: () => "result",
    });
    const [r, n] = [taps.length, data.length];
    bars.show([
      { name: "direct, 1-D", value: m.value * r, text: `${m.value * r}`, colour: 2 },
      { name: `F(${m.value}, ${r})`, value: n, text: `${n}`, colour: 3 },
      { name: "direct, 2-D", value: (m.value * r) ** 2, text: `${(m.value * r) ** 2}`, colour: 2 },
      { name: `F(${m.value}×${m.value}, ${r}×${r})`, value: n ** 2, text: `${n ** 2}`, colour: 3 },
    ]);
    const ratio = (m.value * r) ** 2 / n ** 2;
    text.textContent =
      `${n} multiplications in place of ${m.value * r} for ${m.value === 1 ? "one output" : `${m.value} outputs`}; in two dimensions ${n ** 2} ` +
      `in place of ` +
      `${(m.value * r) ** 2}, ${ratio === 1 ? "as many" : `${shown(ratio, 2)} times fewer`}. Larger tiles save more, and their larger ` +
      `numbers cost accuracy.`;
  });
  host.append(
    controls(slider("outputs at once m", m, { min: 1, max: 6 })),
    row(input, sign("⋆"), kernel),
    el("div", { class: "row top" }, inside, outside),
    result,
    text,
    bars,
  );
});
