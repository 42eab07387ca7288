/**
 * Loads a module in Node and prints the p10 of one implementation's calls in milliseconds, without the harness. Usage:
 * node neutral-script.ts MODULE NAME DESCRIPTOR MILLISECONDS
 */
import { p10OfCalls } from "./neutral-timing.ts";

const [module = "", name = "", descriptor = "", timeMs = "300"] = process.argv.slice(2);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a module
const loaded = (await import(module)) as object;
process.stdout.write(`${await p10OfCalls(loaded, name, descriptor, Number(timeMs))}\n`);
process.exit(0);
