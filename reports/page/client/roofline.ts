import type { Plugin } from "chart.js";
import type { Ceilings } from "../../../core/record.ts";
import { attainableGflops } from "../../../harness/bench/ceilings/roofline.ts";
import { percentage, significant } from "../../format.ts";
import { peakOf } from "../../timing-table.ts";
import type { PageData } from "../page-data.ts";
import { placeOf, timeAt, timedImplementations } from "./cells.ts";
import { canvasBox, commonOptions, font, logAxis, pointStyle } from "./chart-parts.ts";
import { Chart } from "./chart.ts";
import type { Drawable } from "./figure.ts";
import type { ShownView } from "./state.ts";
import type { TableData } from "./table.ts";
import { cssVariable } from "./theme.ts";
import { layerTable } from "./timing-tables.ts";

/** The roof over an intensity under one of the machine's peaks. */
function attainable({ bandwidthGBs }: Ceilings, peak: number, intensity: number): number {
  return attainableGflops(intensity, peak, bandwidthGBs);
}

/** The peaks of a machine, the highest that was measured last. */
function peaks({
  wasmGflops,
  wasmInstructions,
  nativeGflops,
  plausibleGflops,
}: Ceilings): { name: string; gflops: number; dash: number[] }[] {
  return [
    { name: `WebAssembly, ${wasmInstructions}`, gflops: wasmGflops, dash: [] },
    ...(nativeGflops === null ? [] : [{ name: "native", gflops: nativeGflops, dash: [7, 4] }]),
    { name: "plausible limit", gflops: plausibleGflops, dash: [2, 3] },
  ];
}

/** The share of what the best measured code could reach on a layer. */
export function roofTable(view: ShownView, ceilings: Ceilings): TableData {
  const peak = peakOf(ceilings);
  const which = peak === ceilings.nativeGflops ? "native" : "WebAssembly";
  const table = layerTable(
    view,
    `Share of the ${which} roof per layer`,
    (implementation, layer) => {
      const gflops = timeAt(implementation, layer)?.gflops;
      const intensity = view.intensities[layer] ?? null;
      if (typeof gflops !== "number" || intensity === null) return null;
      const share = gflops / attainable(ceilings, peak, intensity);
      return { text: percentage(share), value: share, title: `${significant(gflops)} GFLOP/s` };
    },
    null,
  );
  const rows = table.rows.map(([name = "", ...cells], layer) => {
    const intensity = view.intensities[layer] ?? null;
    return [name, intensity, intensity === null ? null : attainable(ceilings, peak, intensity), ...cells];
  });
  const [first = "", ...names] = table.head;
  return { ...table, head: [first, "FLOP per byte", "roof, GFLOP/s", ...names], rows };
}

/** Rate against arithmetic intensity under the machine's roofs. */
export function rooflineChart(data: PageData, view: ShownView, ceilings: Ceilings): Drawable {
  const implementations = timedImplementations(view);
  const { canvas, box } = canvasBox(
    "Roofline: GFLOP/s of each layer against its operations per byte, both logarithmic, under " +
      "the measured peaks and bandwidth. The data table below has the figures.",
    460,
  );
  const intensities = view.intensities.filter((value) => value !== null);
  const [from, to] = [Math.min(...intensities) / 2.2, Math.max(...intensities) * 2.2];
  const roofs = peaks(ceilings);
  const lines = roofs.map(({ name, gflops, dash }) => ({
    label: name,
    data: [from, gflops / ceilings.bandwidthGBs, to]
      .filter((x) => x >= from && x <= to)
      .map((x) => ({ x, y: attainable(ceilings, gflops, x) })),
    showLine: true,
    pointRadius: 0,
    pointHitRadius: 0,
    borderColor: cssVariable("--ink"),
    borderWidth: 1.5,
    borderDash: dash,
  }));
  const points = implementations.map((implementation) => ({
    ...pointStyle(placeOf(data, implementation.impl)),
    label: implementation.impl,
    data: view.layers.flatMap((_, layer) => {
      const [x, y] = [view.intensities[layer] ?? null, timeAt(implementation, layer)?.gflops];
      return x !== null && typeof y === "number" ? [{ x, y, layer }] : [];
    }),
  }));
  const rates = points.flatMap((set) => set.data.map(({ y }) => y));
  const heights = [...rates, ...roofs.map(({ gflops }) => gflops)];
  const draw = () =>
    new Chart(canvas, {
      type: "scatter",
      data: { datasets: [...points, ...lines] },
      options: {
        ...commonOptions({
          label: ({ dataset, raw, parsed }) => {
            const layer = hasLayer(raw) ? (view.layers[raw.layer]?.layer ?? "") : "";
            return (
              ` ${dataset.label} ${layer}: ${significant(parsed.y ?? NaN)} GFLOP/s at ` +
              `${significant(parsed.x ?? NaN)} FLOP per byte`
            );
          },
        }),
        layout: { padding: { top: 60 } },
        interaction: { mode: "nearest", intersect: true },
        scales: {
          x: { ...logAxis("FLOP per byte", intensities), min: from, max: to },
          y: logAxis("GFLOP/s", heights),
        },
      },
      plugins: [layerGuides(view), roofNames(ceilings)],
    });
  return { box, canvas, draw };
}

function hasLayer(raw: unknown): raw is { layer: number } {
  return typeof raw === "object" && raw !== null && "layer" in raw;
}

/** A faint line at each layer's intensity with the layer's name above, as far as there is room. */
function layerGuides(view: ShownView): Plugin {
  const at = view.layers
    .map(({ layer }, index) => ({ layer, x: view.intensities[index] ?? NaN }))
    .filter(({ x }) => Number.isFinite(x))
    .sort((a, b) => a.x - b.x);
  return {
    id: "layerGuides",
    beforeDatasetsDraw({ ctx, chartArea, scales }) {
      const scale = scales["x"];
      if (scale === undefined) return;
      ctx.save();
      ctx.font = font(11);
      ctx.textAlign = "center";
      const ends = Array.from({ length: 4 }, () => -Infinity);
      for (const { layer, x } of at) {
        const pixel = scale.getPixelForValue(x);
        ctx.fillStyle = cssVariable("--rule-strong");
        ctx.globalAlpha = 0.55;
        ctx.fillRect(pixel, chartArea.top, 1, chartArea.height);
        ctx.globalAlpha = 1;
        const half = ctx.measureText(layer).width / 2 + 4;
        const row = ends.findIndex((end) => pixel - half > end);
        if (row < 0) continue;
        ends[row] = pixel + half;
        ctx.fillStyle = cssVariable("--muted");
        ctx.fillText(layer, pixel, chartArea.top - 8 - 14 * row);
      }
      ctx.restore();
    },
  };
}

/** Names that are nearer than this lie over each other. */
const LABEL_HEIGHT = 15;

/** The roofs' names at their right ends, and the bandwidth along its slope. */
function roofNames(ceilings: Ceilings): Plugin {
  return {
    id: "roofNames",
    afterDatasetsDraw({ ctx, chartArea, scales }) {
      const [horizontal, vertical] = [scales["x"], scales["y"]];
      if (horizontal === undefined || vertical === undefined) return;
      const write = (text: string, x: number, y: number) => {
        ctx.lineWidth = 4;
        ctx.strokeStyle = cssVariable("--paper");
        ctx.strokeText(text, x, y);
        ctx.fillText(text, x, y);
      };
      ctx.save();
      ctx.font = font(11.5, 550);
      ctx.fillStyle = cssVariable("--ink");
      ctx.textAlign = "right";
      // From the highest down, each below the one before.
      let below = -Infinity;
      for (const { name, gflops } of peaks(ceilings).toSorted((a, b) => b.gflops - a.gflops)) {
        below = Math.max(below + LABEL_HEIGHT, vertical.getPixelForValue(gflops) - 6);
        // A long name would lie over the memory's slope.
        const text = [name, name.replace(/,.*/, "")].map((each) => `${each} ${significant(gflops)}`);
        const room = chartArea.right - horizontal.getPixelForValue(gflops / ceilings.bandwidthGBs) - 12;
        const shown = text.find((each) => ctx.measureText(each).width < room) ?? text.at(-1) ?? "";
        write(shown, chartArea.right - 6, below);
      }
      const { bandwidthGBs } = ceilings;
      const bend = Math.min(horizontal.max, peakOf(ceilings) / bandwidthGBs);
      const [x, next] = [Math.sqrt(horizontal.min * bend), bend];
      if (x > horizontal.min) {
        const [left, low] = [horizontal.getPixelForValue(x), vertical.getPixelForValue(x * bandwidthGBs)];
        const [right, high] = [horizontal.getPixelForValue(next), vertical.getPixelForValue(next * bandwidthGBs)];
        const length = Math.hypot(right - left, high - low);
        ctx.translate(right, high);
        ctx.rotate(Math.atan2(high - low, right - left));
        // Up to the bend: the layers that wait for memory lie farther down.
        const label = `${significant(bandwidthGBs)} GB/s`;
        const long = `memory ${label}`;
        write(ctx.measureText(long).width + 20 < length ? long : label, -10, -8);
      }
      ctx.restore();
    },
  };
}
