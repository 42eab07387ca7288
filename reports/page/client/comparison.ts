import type { ComparisonEntry } from "../../../core/record.ts";
import { changeText } from "../../comparison-table.ts";
import { font, paintedBox } from "./chart-parts.ts";
import type { Drawable } from "./figure.ts";
import type { ShownView } from "./state.ts";
import type { TableData } from "./table.ts";
import { cssVariable } from "./theme.ts";

function changeRange(interval: readonly [number, number] | null): string | null {
  return interval ? `${changeText(interval[0])} to ${changeText(interval[1])}` : null;
}

export function comparisonTable({ comparisons }: ShownView): TableData {
  return {
    caption: "Comparisons",
    head: [
      "implementation",
      "against",
      "layer",
      "verdict",
      "change of time",
      "interval",
      "smallest change it could have seen",
      "method",
      "reason",
    ],
    rows: comparisons.map(({ impl, against, layer, verdict, ratio, interval, smallestChange, method, reason }) => [
      impl,
      against,
      layer,
      verdict,
      ratio === null ? null : { text: changeText(ratio), value: ratio - 1 },
      changeRange(interval),
      smallestChange === null ? null : { text: `${(100 * smallestChange).toFixed(1)} %`, value: smallestChange },
      method === "same-rounds" ? "same rounds" : "through a control benchmark",
      { text: reason ?? "", className: "prose" },
    ]),
  };
}

const ROW = 30;
const HEAD = 34;
const LIMIT = { least: 0.06, most: 0.6 };

/** Each cell's change with its interval, beside the threshold. */
export function comparisonChart({ comparisons }: ShownView): Drawable {
  const ends = comparisons.flatMap(({ ratio, interval, threshold }) => [
    ratio ?? 1,
    ...(interval ?? []),
    1 + 1.5 * threshold,
  ]);
  const halfWidth = Math.min(LIMIT.most, Math.max(LIMIT.least, ...ends.map((end) => 1.15 * Math.abs(Math.log(end)))));
  return paintedBox(
    "Each compared cell's change of time with its interval; left is faster. The data table below has the figures.",
    () => HEAD + ROW * comparisons.length + 8,
    (context, width, height) => {
      const names = Math.min(250, 0.34 * width);
      const [left, right] = [names + 10, width - Math.min(170, 0.3 * width)];
      const place = (ratio: number) => {
        const logarithm = Math.max(-halfWidth, Math.min(halfWidth, Math.log(ratio)));
        return left + ((logarithm + halfWidth) / (2 * halfWidth)) * (right - left);
      };
      const threshold = Math.max(...comparisons.map((each) => each.threshold));
      context.fillStyle = cssVariable("--band");
      context.fillRect(
        place(1 / (1 + threshold)),
        HEAD - 8,
        place(1 + threshold) - place(1 / (1 + threshold)),
        height - HEAD,
      );
      drawScale(context, place, halfWidth, height);
      comparisons.forEach((each, index) =>
        drawComparison(context, each, HEAD + ROW * (index + 0.5), { names, right, place }),
      );
    },
  );
}

function drawScale(
  context: CanvasRenderingContext2D,
  place: (ratio: number) => number,
  halfWidth: number,
  height: number,
): void {
  const step = [0.02, 0.05, 0.1, 0.2, 0.5].find((each) => each > halfWidth / 3) ?? 0.5;
  context.font = font(11.5);
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (const times of [-2, -1, 0, 1, 2]) {
    const ratio = 1 + times * step;
    if (ratio <= 0 || Math.abs(Math.log(ratio)) > halfWidth) continue;
    context.fillStyle = cssVariable(times === 0 ? "--rule-strong" : "--rule");
    context.fillRect(place(ratio), HEAD - 8, 1, height - HEAD);
    context.fillStyle = cssVariable("--muted");
    // Where labels would touch, every other one is left out.
    if (times % 2 !== 0 && place(ratio) - place(ratio - step) < 58) continue;
    context.fillText(times === 0 ? "same" : changeText(ratio), place(ratio), 16);
  }
}

function drawComparison(
  context: CanvasRenderingContext2D,
  { impl, layer, ratio, interval, verdict }: ComparisonEntry,
  y: number,
  { names, right, place }: { names: number; right: number; place: (ratio: number) => number },
): void {
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.font = font(13);
  context.fillStyle = cssVariable("--ink");
  context.fillText(`${layer}  ${impl}`, 0, y, names);
  const colour = cssVariable({ faster: "--good", slower: "--bad", same: "--muted", inconclusive: "--doubt" }[verdict]);
  [context.strokeStyle, context.fillStyle, context.lineWidth] = [colour, colour, 2];
  if (ratio !== null && interval) {
    context.beginPath();
    context.moveTo(place(interval[0]), y);
    context.lineTo(place(interval[1]), y);
    for (const end of interval) {
      context.moveTo(place(end), y - 4);
      context.lineTo(place(end), y + 4);
    }
    context.stroke();
  }
  if (ratio !== null) drawVerdictMark(context, verdict, place(ratio), y);
  context.fillStyle = colour;
  context.font = font(13, verdict === "faster" || verdict === "slower" ? 650 : 400);
  context.fillText(
    ratio === null ? verdict : `${changeText(ratio)} ${verdict}`,
    right + 12,
    y,
    Math.max(60, context.canvas.clientWidth - right - 12),
  );
}

/**
 * A shape for each verdict beside its colour: faster points left, slower right, same is a ring, inconclusive a line.
 */
function drawVerdictMark(
  context: CanvasRenderingContext2D,
  verdict: ComparisonEntry["verdict"],
  x: number,
  y: number,
): void {
  context.beginPath();
  if (verdict === "faster" || verdict === "slower") {
    const side = verdict === "faster" ? -1 : 1;
    context.moveTo(x + 8 * side, y);
    context.lineTo(x - 5 * side, y - 7);
    context.lineTo(x - 5 * side, y + 7);
    context.closePath();
    context.fill();
  } else if (verdict === "same") {
    context.fillStyle = cssVariable("--paper");
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  } else {
    context.moveTo(x, y - 7);
    context.lineTo(x, y + 7);
    context.stroke();
  }
}
