import { plainText } from "../core/plain-text.ts";
import type { RunRecord } from "../core/record.ts";
import { timingViews, viewTitle, type Cell, type Layer, type TimingView } from "./timing-view.ts";

/** Lines of tools/caffe.cpp that log; readers of its logs look for the file's name and a line number of three or four digits. */
const LINE = {
  begins: 365,
  iterations: 366,
  heading: 397,
  forward: 400,
  backward: 403,
  forwardPass: 408,
  backwardPass: 410,
  forwardBackward: 412,
  total: 414,
  ends: 415,
} as const;

/** The passes of ours that make one of Caffe's. */
const PASSES_OF = { forward: ["forward"], backward: ["backwardData", "backwardWeights"] } as const;
const DIRECTIONS = ["forward", "backward"] as const;
type Direction = (typeof DIRECTIONS)[number];

/** All uses of a layer in milliseconds, or why there is no time; undefined where the record has no such pass. */
type Time = number | string | undefined;

interface LayerTimes {
  readonly name: string;
  readonly times: Readonly<Record<Direction, Time>>;
}

/**
 * A record's times as `caffe time` logs them, a block for each implementation of each suite, thread count, cache state and batch: the lines of
 * `time()` in tools/caffe.cpp (https://github.com/BVLC/caffe) behind glog's prefix, because readers of such logs look for it. Medians
 * stand where Caffe has means over its iterations. `backward` is backwardData and backwardWeights together. A layer that the network uses
 * N times is named NAME_xN and has the time of all uses. What has no checked time is told in a warning line of benchconv's own, never as
 * zero, and then its direction has no sum.
 */
export function renderCaffe(record: RunRecord): string {
  const networks = Map.groupBy(timingViews(record), ({ suite, threads, cache, batch }) =>
    JSON.stringify([suite, threads, cache, batch]),
  );
  const time = glogTime(record.environment.startedAt);
  return [...networks.values()]
    .flatMap((views) => {
      const names = new Set(views.flatMap(({ implementations }) => implementations.map(({ impl }) => impl)));
      return [...names].flatMap((impl) => blockLines(impl, views));
    })
    .map(({ severity, place, text }) => `${severity}${time} ${place}] ${text}\n`)
    .join("");
}

/** One logged line. */
interface Line {
  readonly severity: "I" | "W";
  readonly place: string;
  readonly text: string;
}

function caffe(line: keyof typeof LINE, text: string): Line {
  return { severity: "I", place: `caffe.cpp:${LINE[line]}`, text };
}

function benchconv(severity: Line["severity"], text: string): Line {
  return { severity, place: "benchconv:1", text: plainText(text) };
}

function blockLines(impl: string, views: readonly TimingView[]): Line[] {
  const layers = layersOf(impl, views);
  const found = layers.flatMap(({ times }) => Object.values(times)).filter((time) => time !== undefined);
  const reasons = new Set(found.filter((time) => typeof time === "string"));
  if (reasons.size > 0 && !found.some((time) => typeof time === "number"))
    return [...reasons].map((reason) => benchconv("W", `${impl} has no time: ${reason}`));
  const sums = DIRECTIONS.map((direction) => sumOf(layers, direction));
  const [forward, backward] = sums;
  const known = sums.filter((sum) => sum !== undefined);
  const wanted = DIRECTIONS.filter((direction) => layers.some(({ times }) => times[direction] !== undefined));
  const total = known.reduce((ms, sum) => ms + sum, 0);
  const titles = views.map((view) => viewTitle(view)).join("; ");
  return [
    benchconv("I", `${impl}: ${titles}; medians of checked calls`),
    caffe("begins", "*** Benchmark begins ***"),
    caffe("iterations", "Testing for 1 iterations."),
    caffe("heading", "Average time per layer: "),
    ...layers.flatMap(layerLines),
    ...(forward === undefined ? [] : [caffe("forwardPass", `Average Forward pass: ${general(forward)} ms.`)]),
    ...(backward === undefined ? [] : [caffe("backwardPass", `Average Backward pass: ${general(backward)} ms.`)]),
    ...(known.length === 2 ? [caffe("forwardBackward", `Average Forward-Backward: ${general(total)} ms.`)] : []),
    ...(known.length > 0 && known.length === wanted.length
      ? [caffe("total", `Total Time: ${general(total)} ms.`)]
      : []),
    caffe("ends", "*** Benchmark ends ***"),
  ];
}

function layerLines({ name, times }: LayerTimes): Line[] {
  return DIRECTIONS.flatMap((direction) => {
    const time = times[direction];
    if (time === undefined) return [];
    return typeof time === "number"
      ? [caffe(direction, `${name.padStart(10)}\t${direction}: ${general(time)} ms.`)]
      : [benchconv("W", `${name} ${direction} has no time: ${time}`)];
  });
}

/** The layers of all passes in the record's order, with the implementation's times. */
function layersOf(impl: string, views: readonly TimingView[]): LayerTimes[] {
  const all = Map.groupBy(
    views.flatMap(({ layers }) => layers),
    ({ layer, problem }) => JSON.stringify([layer, problem]),
  );
  return [...all.values()].flatMap(([layer]) => {
    if (layer === undefined) return [];
    // Readers split a line at white space.
    const name = plainText(layer.layer).replaceAll(/\s+/g, "_");
    return [
      {
        name: layer.multiplicity === 1 ? name : `${name}_x${layer.multiplicity}`,
        times: { forward: timeOf("forward", impl, layer, views), backward: timeOf("backward", impl, layer, views) },
      },
    ];
  });
}

function timeOf(
  direction: Direction,
  impl: string,
  { layer, problem, multiplicity, kind }: Layer,
  views: readonly TimingView[],
): Time {
  const cells = PASSES_OF[direction].flatMap((pass): { readonly pass: string; readonly cell: Cell | undefined }[] => {
    const view = views.find((each) => each.pass === pass);
    const index = view?.layers.findIndex((each) => each.layer === layer && each.problem === problem) ?? -1;
    // A layer that is no convolution may have nothing to compute in a pass.
    if (view !== undefined && index < 0 && kind !== null) return [];
    return [{ pass, cell: view?.implementations.find((implementation) => implementation.impl === impl)?.cells[index] }];
  });
  if (cells.every(({ cell }) => cell === undefined)) return undefined;
  let sumMs = 0;
  for (const { pass, cell } of cells) {
    if (cell === undefined) return `${pass} was not timed`;
    if (cell.kind === "none") return `${pass} ${cell.status}${cell.reason === "" ? "" : `: ${cell.reason}`}`;
    sumMs += cell.medianMs;
  }
  return multiplicity * sumMs;
}

/** The sum over all layers that have the direction; undefined where one of them has no time. */
function sumOf(layers: readonly LayerTimes[], direction: Direction): number | undefined {
  let sum: number | undefined;
  for (const { times } of layers) {
    const time = times[direction];
    if (typeof time === "string") return undefined;
    if (time !== undefined) sum = (sum ?? 0) + time;
  }
  return sum;
}

/** A line's time as glog writes it, with a thread number: "1120 09:30:00.000000     1". */
function glogTime(startedAt: string): string {
  const [, month = "01", day = "01", clock = "00:00:00", fraction = ""] =
    /^\d+-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(startedAt) ?? [];
  return `${month}${day} ${clock}.${fraction.padEnd(6, "0").slice(0, 6)}     1`;
}

/** A number as a C++ stream prints it (`%g`): six significant digits without zeros at the end, an exponent below −4 and above 5. */
function general(value: number): string {
  const [digits = "0", exponent = "0"] = value.toExponential(5).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(value.toPrecision(6)));
  return `${Number(digits)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
