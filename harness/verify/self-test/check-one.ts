/**
 * Checks one implementation of a catalogue as `npm run verify -- --bail` does, in a process of its own.
 * Usage: node check-one.ts CATALOGUE NAME SEED SECONDS; prints a verdict as JSON.
 */
import { findImplementations } from "../../runner/discovery.ts";
import { PASSES } from "../../../core/problem.ts";
import { runVerify } from "../run.ts";
import { alexnet } from "../../../suites/alexnet.ts";
import type { OneVerdict } from "./run.ts";

const [catalogue = "", name = "", seed = "1", seconds = "20"] = process.argv.slice(2);
const implementations = (await findImplementations([catalogue], { variants: true })).filter(
  (implementation) => implementation.name === name,
);
const layers = alexnet.layers.map(({ problem }) => problem);
const budgetMs = 1000 * Number(seconds);
const options = { passes: PASSES, seed: Number(seed), budgetMs, bail: true, threads: 1, manyThreads: 2, causeMs: 0 };
const silent = { onCase: () => {}, onCheck: () => {}, onWarning: () => {} };
const { checks } = await runVerify(implementations, options, layers, silent, new AbortController().signal);
const bad = checks.find(({ failure }) => failure !== undefined);
const verdict: OneVerdict = {
  cases: bad?.failure?.foundAfterCases ?? checks.reduce((sum, { cases }) => sum + cases, 0),
  ...(bad === undefined
    ? {}
    : {
        foundMs: bad.failure?.foundAfterMs ?? 0,
        caught: {
          law: bad.law,
          pass: bad.pass,
          status: bad.status,
          source: bad.failure?.foundBy ?? "",
          message: bad.failure?.message ?? "",
          rerun: bad.failure?.rerun ?? "",
        },
      }),
};
process.stdout.write(JSON.stringify(verdict));
