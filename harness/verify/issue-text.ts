import type { ExpectedFailure } from "../../suites/expected-failures/expected-failure.ts";
import type { CheckEntry, Environment } from "../../core/record.ts";

/**
 * A known defect as the text of an issue for the package's maintainers, in Markdown: what was seen here, the cause, and
 * a script that needs the package alone.
 */
export function issueText(
  defect: ExpectedFailure,
  entries: readonly CheckEntry[],
  environment: Environment,
  version: string,
): string {
  const seen = entries.map(({ impl, pass, status, failure }) => {
    const element =
      failure?.tensor === undefined
        ? (failure?.message ?? "it holds")
        : `${failure.tensor}[${failure.index?.join(", ")}] is ${failure.got}, expected ${failure.expected}`;
    return `| ${impl} | ${pass} | ${status === "known-defect" ? "shows" : "does not show"} | ${element} |`;
  });
  const smallest = defect.reproductions.map(
    ({ pass, descriptor, got, expected }) =>
      `- ${pass}, \`${descriptor}\` (benchdnn's problem syntax): got ${got}; expected ${expected}`,
  );
  return [
    `# ${defect.title}`,
    "",
    `Package: ${defect.packageName} ${version}. Node.js ${environment.node}, ${environment.os}, ${environment.cpu}.`,
    ...(defect.issue === undefined ? [] : ["", `Reported already: ${defect.issue}`]),
    "",
    "## To reproduce",
    "",
    "```js",
    defect.script.trimEnd(),
    "```",
    "",
    "## Smallest problems",
    "",
    ...smallest,
    "",
    "## Suspected cause",
    "",
    defect.cause,
    "",
    `Source: ${defect.link}`,
    "",
    "## Seen by benchconv",
    "",
    "| through | pass | | |",
    "| --- | --- | --- | --- |",
    ...seen,
    "",
  ].join("\n");
}
