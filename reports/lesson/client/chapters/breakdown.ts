import { multiplyAdds } from "../../../../core/shape.ts";
import { CAFFE_ALEXNET } from "../../../published-breakdown.ts";
import {
  IMPLEMENTATIONS,
  LAYERS,
  sharesOf,
  type ImplementationName,
  type LayerTime,
  type Order,
  type Report,
} from "../../numbers/breakdown.ts";
import { chooser } from "../parts/controls.ts";
import { button, caption, controls, el, figure, row, shown } from "../parts/figure.ts";
import { drawn, wordState } from "../parts/state.ts";
import { workerText } from "../worker-text.ts";
import { pieChart } from "../parts/pie-chart.ts";

const kindOf = (name: string) => (name.startsWith("fc") ? "fully-connected" : "convolution");
const published = sharesOf(CAFFE_ALEXNET.shares.map(([, share]) => share));
const byWork = sharesOf(LAYERS.map(({ problem }) => multiplyAdds(problem)));
/** What a run takes, a layer and round. */
const LENGTHS = { short: { timeMs: 20, rounds: 1 }, long: { timeMs: 400, rounds: 2 } } as const;
const BUTTONS: Readonly<Record<ImplementationName, string>> = {
  "wasm-gemm": "▶ time WebAssembly",
  webgpu: "▶ time WebGPU",
};

figure("breakdown-figure", (host) => {
  const pies = row();
  const [status, place] = [
    caption(true),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "times" }),
  ];
  const runs = new Map<ImplementationName, LayerTime[]>();
  const extent = wordState("layers", "all", ["all", "convolutions"]);
  const length = wordState("length", "long", ["short", "long"]);
  const layersNow = () => LAYERS.filter(({ name }) => extent.value === "all" || kindOf(name) === "convolution");
  let worker: Worker | undefined;

  /** Of the layers that are chosen: their values' shares of the whole. */
  const slicesOf = (values: readonly number[]) => {
    const shares = sharesOf(values);
    return layersNow().map(({ name }, at) => ({ name, share: shares[at] ?? 0, kind: kindOf(name) }) as const);
  };
  const ofChosen = (values: readonly number[]): readonly number[] =>
    LAYERS.flatMap((layer, at) => (layersNow().includes(layer) ? [values[at] ?? 0] : []));

  const draw = (): void => {
    const whole = [...runs].filter(([, times]) => times.length === layersNow().length);
    pies.replaceChildren(
      pieChart().show("published: a GPU, batch 128", slicesOf(ofChosen(published))),
      pieChart().show("by multiply-adds alone", slicesOf(ofChosen(byWork))),
      ...whole.map(([name, times]) =>
        pieChart().show(`here: ${name}, batch 1`, slicesOf(times.map(({ medianMs }) => medianMs))),
      ),
    );
    const columns = [...runs].filter(([, times]) => times.length > 0);
    const head = [
      "layer",
      "published",
      "by work",
      ...columns.flatMap(([name]) => [`${name}, ms`, "GFLOP/s", "share", "checked"]),
    ];
    place.replaceChildren(
      el(
        "table",
        { class: "data" },
        el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, text)))),
        el(
          "tbody",
          {},
          ...layersNow().map(({ name, problem }, at) => {
            const cells = columns.flatMap(([, times]) => {
              const time = times[at];
              if (time === undefined) return ["", "", "", ""];
              const isWhole = times.length === layersNow().length;
              const shares = isWhole ? sharesOf(times.map(({ medianMs }) => medianMs)) : [];
              const share = shares[at];
              return [
                time.medianMs.toPrecision(3),
                ((2 * multiplyAdds(problem)) / time.medianMs / 1e6).toPrecision(3),
                share === undefined ? "" : percent(share),
                `${time.checkedOutputs} ${time.checkedOutputs === 1 ? "output" : "outputs"}, ✓`,
              ];
            });
            const texts = [
              percent(sharesOf(ofChosen(published))[at] ?? 0),
              percent(sharesOf(ofChosen(byWork))[at] ?? 0),
              ...cells,
            ];
            return el("tr", {}, el("th", { scope: "row" }, name), ...texts.map((text) => el("td", {}, text)));
          }),
        ),
      ),
    );
  };

  const end = (text: string): void => {
    worker?.terminate();
    worker = undefined;
    for (const each of buttons) each.disabled = false;
    status.textContent = text;
    draw();
  };
  const start = (implementation: ImplementationName): void => {
    const times: LayerTime[] = [];
    runs.set(implementation, times);
    for (const each of buttons) each.disabled = true;
    const address = URL.createObjectURL(new Blob([workerText], { type: "text/javascript" }));
    const started = new Worker(address);
    worker = started;
    started.addEventListener("message", ({ data }: MessageEvent<Report>) => {
      switch (data.kind) {
        case "began":
          status.textContent = `${implementation}: ${data.name} …`;
          return;
        case "timed":
          times.push(data);
          draw();
          return;
        case "failed":
          runs.delete(implementation);
          end(`${implementation}: ${data.reason}`);
          return;
        case "done": {
          const sum = times.reduce((total, { medianMs }) => total + medianMs, 0);
          const convolutions = times.filter(({ name }) => kindOf(name) === "convolution");
          const share = convolutions.reduce((total, { medianMs }) => total + medianMs, 0) / sum;
          end(
            `${implementation}: ${shown(sum, 1)} ms for one image, ${percent(share)} of it in the convolutions. ` +
              `All ${times.reduce((total, { checkedOutputs }) => total + checkedOutputs, 0)} outputs that ` +
              `were looked at are right.`,
          );
        }
      }
    });
    started.addEventListener("error", ({ message }) => {
      runs.delete(implementation);
      end(`${implementation}: the worker ended: ${message}`);
    });
    const layers = layersNow().map(({ name }) => name);
    const order: Order = { implementation, layers, ...LENGTHS[length.value] };
    started.postMessage(order);
  };
  const buttons = IMPLEMENTATIONS.map((name) => button(BUTTONS[name], () => start(name)));
  status.textContent =
    "All layers take about half a minute, and half a gigabyte of memory for the largest. Nothing leaves this page.";
  host.append(
    controls(
      ...buttons,
      chooser("layers", extent, [
        ["all", "all layers"],
        ["convolutions", "convolutions alone (for a phone)"],
      ]),
      chooser("how long", length, [
        ["short", "a first look"],
        ["long", "two rounds"],
      ]),
    ),
    status,
    pies,
    place,
  );
  drawn([extent], () => {
    runs.clear();
    draw();
  });
});

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

figure("differences-list", (host) => {
  const { source, url, alsoPublished, differs } = CAFFE_ALEXNET;
  host.append(
    el(
      "p",
      { class: "caption" },
      `The published shares: ${source} (${url}), scaled so that the eight layers make 100 %. `,
      ...alsoPublished,
    ),
    el("ul", {}, ...differs.map((text) => el("li", {}, text))),
  );
});
