import manifest from "../../package.json" with { type: "json" };
import { commandLine } from "../../core/command-line.ts";
import { plainText } from "../../core/plain-text.ts";
import { userPath } from "../../core/paths.ts";
import { encodeRecord, readRecord } from "../../core/record-file.ts";
import { UsageError } from "../../core/usage-error.ts";
import { ServerAway, type FleetClient } from "../../harness/fleet/client.ts";
import type { PluginSource, Unit } from "../../harness/fleet/unit.ts";
import { LAWS } from "../../suites/laws/index.ts";
import { findSuite, SUITES } from "../../suites/index.ts";
import { IMPL_OPTION, seedOf } from "../cli/common-options.ts";
import { EXIT, main } from "../cli/main.ts";
import { oneOf, type ParsedOptions } from "../cli/options.ts";
import { labelsOf } from "./labels.ts";
import { pluginOf } from "./plugin-source.ts";
import { clientOf, SERVER_OPTIONS, TOKEN_TEXT } from "./server-options.ts";

const OPTIONS = {
  ...SERVER_OPTIONS,
  impl: { ...IMPL_OPTION, help: "implementations: names, or paths of plugin files, which are sent" },
  with: { value: "A,B", help: "files that a plugin file needs beside it; they are sent too" },
  labels: { value: "A,B", help: "the machines that do it, each all of it (default any)" },
  pass: { value: "PASS", help: "forward, backwardData, backwardWeights, or several with commas" },
  seed: { value: "N", help: "of the first shard; the others follow (default 1)" },
  shards: { value: "N", help: "verify: seeds, each a unit of every law and pass (default 1)" },
  cases: { value: "N", help: "verify: cases of a unit after the first ones (default 100)" },
  law: { value: "NAME", help: "verify: only these laws" },
  suite: { value: "NAME", help: "bench: what is timed (default alexnet)" },
  layer: { value: "GLOB", help: "bench: only the layers whose name matches" },
  rounds: { value: "N", help: "bench: rounds on each machine, a unit each (default 4)" },
  time: { value: "SECONDS", help: "bench: of samples per cell and round (default 0.1)" },
  threads: { value: "N", help: "bench: threads that an implementation may use (default 1)" },
} as const;

/** What only one kind of unit understands. */
const OF_VERIFY = ["shards", "cases", "law"];
const OF_BENCH = ["suite", "layer", "rounds", "time", "threads"];

const USAGE = `${commandLine("fleet", ["submit verify|bench --impl A,B [options]"])}
${commandLine("fleet", ["submit RECORD..."])}
Adds units to a server, or records to its history. What was submitted before is not done again. ${TOKEN_TEXT}`;

await main({ usage: USAGE, options: OPTIONS, takesWords: true }, async (parsed) => {
  const [kind, ...others] = parsed.words;
  const client = clientOf(parsed);
  try {
    if (kind === undefined) throw new UsageError(`what? ${commandLine("fleet", ["submit verify|bench --impl A,B"])}`);
    if (kind !== "verify" && kind !== "bench") return await submitRecords(client, parsed);
    if (others[0] !== undefined) throw new UsageError(`"${plainText(others[0])}" is not an option; --help lists them`);
    const idle = (kind === "verify" ? OF_BENCH : OF_VERIFY).find((option) => parsed.has(option));
    if (idle !== undefined) throw new UsageError(`--${idle} does nothing with submit ${kind}`);
    const selectors = parsed.list("impl");
    if (selectors.length === 0) throw new UsageError("--impl is missing: which implementations?");
    const found = selectors.map((selector) => pluginOf(selector, parsed.list("with")));
    const plugins = found.map(({ plugin }) => plugin);
    const units = kind === "verify" ? verifyUnits(parsed, plugins) : benchUnits(parsed, plugins);
    for (const content of found.flatMap(({ contents }) => contents)) await client.putFile(content);
    const added = await client.submit(commandLine("fleet", ["submit", ...process.argv.slice(2)]), units);
    const known = units.length - added;
    process.stdout.write(`${added} units added${known === 0 ? "" : `, ${known} were there already`}\n`);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ServerAway) throw new UsageError(error.message);
    throw error;
  }
});

async function submitRecords(client: FleetClient, parsed: ParsedOptions): Promise<number> {
  const records = parsed.words.map((path) => encodeRecord(readRecord(userPath(path))));
  let added = 0;
  for (const record of records) if (await client.addRecord(record)) added++;
  process.stdout.write(`${added} records added, ${records.length - added} were there already\n`);
  return EXIT.ok;
}

function verifyUnits(parsed: ParsedOptions, plugins: readonly PluginSource[]): readonly Unit[] {
  const shards = parsed.number("shards", { min: 1, max: 100_000, integer: true }) ?? 1;
  const cases = parsed.number("cases", { min: 1, max: 1e6, integer: true }) ?? 100;
  const names = LAWS.map(({ name }) => name);
  const asked = parsed.list("law").map((name) => oneOf("law", name, names));
  const laws = LAWS.filter(({ name }) => asked.length === 0 || asked.includes(name));
  const passes = parsed.passes();
  const seeds = Array.from({ length: shards }, (_, index) => (seedOf(parsed) + index) % 2 ** 31);
  return combined(labelsOf(parsed, "labels"), plugins).flatMap(([label, plugin]) =>
    laws.flatMap((law) =>
      passes
        .filter((pass) => law.passes.includes(pass))
        .flatMap((pass) =>
          seeds.map((seed): Unit => {
            return { kind: "verify", version: manifest.version, label, plugin, pass, law: law.name, seed, cases };
          }),
        ),
    ),
  );
}

function benchUnits(parsed: ParsedOptions, plugins: readonly PluginSource[]): readonly Unit[] {
  const rounds = parsed.number("rounds", { min: 1, max: 10_000, integer: true }) ?? 4;
  const seconds = parsed.number("time", { min: 0.001, max: 3600, integer: false }) ?? 0.1;
  const threads = parsed.number("threads", { min: 1, max: 1024, integer: true }) ?? 1;
  const suite = parsed.text("suite") ?? "alexnet";
  if (findSuite(suite) === undefined)
    oneOf(
      "suite",
      suite,
      SUITES.map(({ name }) => name),
    );
  const layer = parsed.text("layer");
  const common = { version: manifest.version, plugins, suite, threads, cellMs: 1000 * seconds, seed: seedOf(parsed) };
  const passes = parsed.passes(["forward"]);
  return labelsOf(parsed, "labels").flatMap((label) =>
    Array.from({ length: rounds }, (_, index): Unit => {
      return { kind: "bench", ...common, label, passes, round: index + 1, ...(layer === undefined ? {} : { layer }) };
    }),
  );
}

function combined<A, B>(some: readonly A[], others: readonly B[]): readonly (readonly [A, B])[] {
  return some.flatMap((one) => others.map((other) => [one, other] as const));
}
