import { existsSync } from "node:fs";
import { basename, extname } from "node:path";
import picomatch from "picomatch";
import { readBatchFile } from "../../suites/benchdnn/batch-file.ts";
import { commandLine } from "../../core/command-line.ts";
import type { BenchOptions } from "../../harness/bench/clock/options.ts";
import { FULL, gateShape, QUICK } from "../../harness/bench/clock/run-shape.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { PASSES } from "../../core/problem.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { Network } from "../../core/network.ts";
import { findSuite, SUITES } from "../../suites/index.ts";
import { findNetwork, NETWORKS } from "../../suites/networks/index.ts";
import { endToEndOf, wholeNetwork } from "../../suites/networks/whole-network.ts";
import { layersOfModel, readWholeModel } from "../../suites/onnx/index.ts";
import { END_TO_END, MODEL, withBatch, type Suite, type TimedLayer } from "../../suites/suite.ts";
import { COMMON_OPTIONS, JUNIT_OPTION, seedOf, threadRange } from "../cli/common-options.ts";
import { KEEP_OPTION } from "../cli/kept-records.ts";
import { givenIntegers, givenShapes, isOnnxFile, onnxNetwork, refuseShape, SHAPE_OPTION } from "../cli/onnx-file.ts";
import { oneOf, refuseAlone, refuseBeside, type ParsedOptions } from "../cli/options.ts";
import { isTraining, TRAIN } from "./training.ts";

const SUITE_NAMES = SUITES.map(({ name }) => name);

export const OPTIONS = {
  ...COMMON_OPTIONS,
  pass: {
    value: "PASS",
    help: "forward (default), backwardData, backwardWeights, several with commas, or train: a training step, checked",
  },
  suite: {
    value: "NAME|FILE.onnx|FILE",
    help: `${SUITE_NAMES.join(", ")}, an ONNX model, or a benchdnn batch file (default alexnet)`,
  },
  model: {
    value: "FILE.onnx",
    help: "a whole model, as each runtime runs it, outputs checked; its layers below (docs/models.md)",
  },
  input: { value: "NAME=1,2", help: "the values of a model's integer input; several with a semicolon between" },
  shape: SHAPE_OPTION,
  whole: { help: "every layer of the network (pooling, normalisation, activation, …), and all of them end to end" },
  layers: { help: "print the times of every layer too, with every reason and warning; the page has them in any case" },
  table: {
    help:
      "print the network's layers (shapes, weights, multiply-adds, memory, receptive fields), or with --suite all every " +
      "network; --csv and --markdown too; and stop",
  },
  layer: { value: "GLOB", help: "only the layers whose name matches, such as 'conv*'" },
  mb: { value: "N,N", help: "batch size of every layer, or several (default: the suite's)" },
  threads: { value: "N,N", help: "threads that an implementation may use, or several counts (default 1)" },
  cache: { value: "hot|cold", help: "whether a call finds its data in the caches (default hot)" },
  time: { value: "SECONDS", help: "of samples per cell, a cell being one implementation on one layer (default 0.6)" },
  browser: { help: "in Chromium, in place of Node: what users of the web have (docs/browser.md)" },
  quick: { help: "a first look: two short rounds" },
  against: {
    value: "PLUGIN",
    help: "compare with this one, timed in the same rounds: a name, an older file, onnxruntime@1.29.0; exit 3 on slower",
  },
  baseline: {
    value: "RECORD|last",
    help: "compare with an earlier record of this machine, or with the last that was kept of the suite; exit 3 on slower",
  },
  keep: KEEP_OPTION,
  threshold: { value: "PERCENT", help: "a smaller change is not reported (default 2.5)" },
  force: { help: "compare with a record of another machine, or go on with one" },
  resume: { value: "RECORD", help: "finish an interrupted run: what the record holds is not timed again" },
  identified: { value: "FILE", help: "of identify --json: says beside each time how it was computed" },
  html: { value: "FILE", help: "the page (default benchconv-out/SUITE.html)" },
  csv: { value: "FILE", help: "write one row per cell there; - writes to stdout and nothing else" },
  junit: JUNIT_OPTION,
  markdown: { value: "FILE", help: "write Markdown for a pull request there; - for stdout" },
} as const;

/** Options that are commands of their own now. */
export const MOVED = {
  calibrate: commandLine("calibrate", []),
  "self-test": commandLine("selftest", ["--clock"]),
  runs: commandLine("selftest", ["--clock", "--runs", "N"]),
};

/** What a table has no use for: it is of a network, times nothing and writes no record. */
const IDLE_WITH_TABLE =
  "impl layer whole model browser sandbox against baseline resume identified json html junit machine".split(" ");

/** @throws UsageError for an option that would be ignored. */
export function refuseIdleOptions(parsed: ParsedOptions): void {
  refuseAlone(parsed, "input", ["model"]);
  refuseAlone(parsed, "threshold", ["against", "baseline"]);
  refuseAlone(parsed, "force", ["baseline", "resume"]);
  refuseBeside(parsed, "table", IDLE_WITH_TABLE);
  refuseBeside(parsed, "model", ["suite", "whole"]);
  const pass = parsed.text("pass");
  if (parsed.has("model") && pass !== undefined && pass.trim() !== "forward")
    throw new UsageError(`--model is of inference: the pass forward alone, got "${plainText(pass)}"`);
  // A page of Chromium is in a sandbox of the browser's.
  refuseBeside(parsed, "browser", ["sandbox"]);
  if (parsed.has("browser") && isTraining(parsed))
    throw new UsageError(`--pass ${TRAIN} is checked in Node alone; --browser goes with the other passes`);
}

/** What of a bench run the command line says by itself; ceilings and an earlier record come later. */
export type AskedOptions = Omit<BenchOptions, "ceilings" | "earlier"> & {
  /** The network of which a training step was asked for. */
  readonly training?: Network;
  /** For how long is measured what the machine can do. */
  readonly ceilingsMs: number;
};

const CEILINGS_MS = { full: 1500, quick: 500 } as const;

/** @throws UsageError for a value that is wrong, a suite or a layer that does not exist. */
export function benchOptions(parsed: ParsedOptions): AskedOptions {
  const seconds = parsed.number("time", { min: 0.01, max: 86_400, integer: false });
  const asked = seconds === undefined ? undefined : 1000 * seconds;
  const shape = parsed.has("against") ? gateShape(asked) : parsed.has("quick") ? QUICK : FULL;
  const batches = parsed.integers("mb", { min: 1, max: 1e6 });
  const training = isTraining(parsed);
  if (!training && parsed.list("pass").includes(TRAIN))
    throw new UsageError(`--pass ${TRAIN} has all passes in it; give it alone`);
  if (training && parsed.has("layer"))
    throw new UsageError(`--pass ${TRAIN} is of all layers; --layer goes with the other passes`);
  const model = parsed.text("model");
  const suite: Chosen =
    model !== undefined
      ? chosenModel(model, parsed, batches)
      : parsed.has("whole") || training
        ? chosenNetwork(parsed, batches)
        : chosenLayersOf(chosenSuite(parsed), batches);
  const cache = parsed.text("cache") ?? "hot";
  return {
    suite: suite.name,
    suiteSelector: parsed.text("suite") ?? suite.name,
    ...(model === undefined ? {} : { modelOptions: modelOptions(model, parsed) }),
    layers: chosenLayers(suite, parsed.text("layer")),
    passes: training ? PASSES : parsed.passes(["forward"]),
    ...(training && suite.network !== undefined ? { training: suite.network } : {}),
    ceilingsMs: parsed.has("quick") ? CEILINGS_MS.quick : CEILINGS_MS.full,
    seed: seedOf(parsed),
    threads: parsed.integers("threads", threadRange()) ?? [1],
    cache: oneOf<BenchOptions["cache"]>("cache state", cache, ["hot", "cold"]),
    ...shape,
    cellMs: asked ?? shape.cellMs,
  };
}

/** What `--suite` names, at the batch sizes that were asked for. */
interface Chosen {
  readonly name: string;
  /** Where a whole network was asked for. */
  readonly network?: Network;
  readonly layers: readonly TimedLayer[];
}

function chosenLayers({ name, layers }: Chosen, glob: string | undefined): readonly TimedLayer[] {
  if (glob === undefined) return layers;
  const isChosen = (layer: TimedLayer): boolean => picomatch.isMatch(layer.name, glob, { bash: true });
  const chosen = layers.filter(isChosen);
  // Beside layers, the end-to-end call is of the chosen ones: it is compared with their sum.
  const isAlone = chosen.every((layer) => layer.kind === END_TO_END);
  if (chosen.length > 0)
    return chosen.map((layer) => (layer.kind === END_TO_END && !isAlone ? endToEndOf(layer, isChosen) : layer));
  const names = [...new Set(layers.map((layer) => layer.name))].join(", ");
  throw new UsageError(`no layer of ${plainText(name)} matches "${plainText(glob)}"; it has ${plainText(names)}`);
}

function chosenLayersOf(suite: Suite, batches: readonly number[] | undefined): Chosen {
  return batches === undefined
    ? suite
    : { name: suite.name, layers: batches.flatMap((batch) => withBatch(suite, batch).layers) };
}

/** How the model was asked for, to ask for it again. */
function modelOptions(path: string, parsed: ParsedOptions): readonly string[] {
  const given = ["shape", "input", "mb"].filter((name) => parsed.has(name));
  return ["--model", path, ...given.flatMap((name) => [`--${name}`, parsed.text(name) ?? ""])];
}

/**
 * A whole model, and its layers.
 * @throws UsageError for a file that is no ONNX model, or one with an operator that is not computed here.
 */
function chosenModel(path: string, parsed: ParsedOptions, batches: readonly number[] | undefined): Chosen {
  const shapes = givenShapes(parsed);
  const fixed = givenIntegers(parsed);
  const models = (batches ?? [undefined]).map((batch) =>
    readWholeModel(userPath(path), { shapes, fixed, ...(batch === undefined ? {} : { batch }) }),
  );
  const layers = models.flatMap((model): readonly TimedLayer[] => [
    { kind: MODEL, name: MODEL, multiplicity: 1, model },
    ...layersOfModel(model.graph),
  ]);
  return { name: models[0]?.name ?? "", layers };
}

/**
 * Every layer of a network.
 * @throws UsageError for a suite that is no network, and for an ONNX model with a node that is no layer of ours.
 */
function chosenNetwork(parsed: ParsedOptions, batches: readonly number[] | undefined): Chosen {
  const name = parsed.text("suite") ?? "alexnet";
  const known = isOnnxFile(name)
    ? onnxNetwork(name, parsed)
    : { network: findNetwork(name), gaps: [], suite: undefined };
  const { network, gaps } = known;
  if (network === undefined) {
    // A name that is nearly right gets the message that it gets without --whole.
    if (!isOnnxFile(name)) chosenSuite(parsed);
    const names = NETWORKS.map((one) => one.name).join(", ");
    const why = gaps[0] ?? `it is none of ${names}, and no ONNX file`;
    const option = parsed.has("whole") ? "--whole" : `--pass ${TRAIN}`;
    throw new UsageError(`${option} times a whole network; ${plainText(name)}: ${plainText(why)}`);
  }
  const all = (batches ?? [known.suite?.layers[0]?.problem.batch ?? 1]).flatMap((batch): readonly TimedLayer[] => {
    const { layers, endToEnd } = wholeNetwork(network, batch);
    return [...layers, endToEnd];
  });
  return { name: network.name, network, layers: all };
}

/** What else of a named network could be timed; undefined where all of it is, or no network was named. */
export function wholeHint(parsed: ParsedOptions): string | undefined {
  const name = parsed.text("suite");
  const isWhole = parsed.has("whole") || isTraining(parsed);
  if (name === undefined || isWhole || findNetwork(name) === undefined) return undefined;
  return `${name}: its convolution and fully connected layers; --whole times every layer, and all of them in one call`;
}

/** A suite by name, an ONNX model, or a benchdnn batch file by path. */
function chosenSuite(parsed: ParsedOptions): Suite {
  const name = parsed.text("suite") ?? "alexnet";
  if (isOnnxFile(name)) return onnxNetwork(name, parsed).suite;
  refuseShape(parsed, "--suite FILE.onnx");
  const known = findSuite(name);
  if (known !== undefined) return known;
  if (!/[\\/.]/.test(name) && existsSync(userPath(name)))
    throw new UsageError(
      `there is no suite "${plainText(name)}"; the file of that name is --suite ./${plainText(name)}`,
    );
  if (!/[\\/.]/.test(name)) return findSuite(oneOf("suite", name, SUITE_NAMES))!;
  return batchSuite(name);
}

/** The problems of a benchdnn batch file that this machine has the memory for. */
function batchSuite(path: string): Suite {
  const { entries, warnings } = readBatchFile(userPath(path));
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  if (entries.some(({ passes }) => passes.length < PASSES.length))
    process.stderr.write(`${plainText(path)}: benchdnn's --dir is passed over; --pass says what is timed\n`);
  return {
    name: basename(path, extname(path)),
    description: `the problems of ${path}`,
    layers: entries.map(({ problem, multiplicity, file, line }) => ({
      kind: "convolution",
      name: problem.name ?? (file === userPath(path) ? `line ${line}` : `${basename(file)}:${line}`),
      problem,
      multiplicity,
    })),
  };
}
