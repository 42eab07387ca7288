import manifest from "../package.json" with { type: "json" };
import { commandLine } from "../core/command-line.ts";
import { plainText } from "../core/plain-text.ts";
import { findImplementations } from "../harness/runner/discovery.ts";
import { EXIT, main } from "./cli/main.ts";
import { sandboxRows } from "./doctor/sandbox-rows.ts";
import { toolsOf, type Tool } from "./doctor/tools.ts";

const USAGE = `${commandLine("doctor", [])}
Says what this machine has for benchconv, what it has not, and the command that would make it so.`;

await main({ usage: USAGE, options: {} }, async () => {
  process.stdout.write(
    `benchconv ${manifest.version}, Node ${process.versions.node}, ${process.platform} ${process.arch}\n`,
  );
  process.stdout.write(`\nkernels that are not JavaScript\n${toolsOf().map(lineOf).join("")}`);
  process.stdout.write(`\nwhat --sandbox holds here\n${sandboxRows().map(lineOf).join("")}`);
  const implementations = await findImplementations(["*"]);
  const rows = implementations.map(({ name, description: { unavailable } }): Tool => {
    return { what: name, found: unavailable === undefined, detail: unavailable ?? "" };
  });
  process.stdout.write(`\nimplementations that come with it\n${rows.map(lineOf).join("")}`);
  return EXIT.ok;
});

function lineOf({ what, found, detail }: Tool): string {
  return `  ${found ? "yes" : "no "}  ${plainText(what).padEnd(36)}${plainText(detail)}`.trimEnd().concat("\n");
}
