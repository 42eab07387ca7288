import { plainText } from "../core/plain-text.ts";
import type { CheckEntry, ComparisonEntry, RunRecord } from "../core/record.ts";

/** What a JUnit test case ends in besides success. */
interface CaseEnd {
  readonly element: "failure" | "error" | "skipped";
  readonly message: string;
  readonly text: string;
}

/**
 * A record as JUnit XML, which CI services read: a suite for each implementation, a case for each law and pass, and for
 * each cell that was compared with an earlier one. Source: the schema of Ant's junit task, as CI services read it.
 */
export function renderJunit({ impls, checks, comparisons = [] }: RunRecord): string {
  const suites = impls.map(({ name }) => {
    const own = checks.filter(({ impl }) => impl === name);
    const cases = [
      ...own.map((check) => caseXml(name, `${check.law} ${check.pass}`, endOfCheck(check))),
      ...comparisons
        .filter(({ impl }) => impl === name)
        .map((compared) => caseXml(name, titleOf(compared), endOfComparison(compared))),
    ];
    const count = (element: string): number => cases.filter((xml) => xml.includes(`<${element} `)).length;
    const counts = `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
    return `  <testsuite name="${escaped(name)}" ${counts}>\n${cases.join("")}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="benchconv">\n${suites.join("")}</testsuites>\n`;
}

function endOfCheck({ status, reason = "", failure }: CheckEntry): CaseEnd | undefined {
  const text =
    failure === undefined
      ? ""
      : `problem ${failure.descriptor}\ndata ${failure.data}, seed ${failure.seed}\nrerun ${failure.rerun}`;
  const message = failure?.mistake ?? failure?.message ?? reason;
  switch (status) {
    case "passed":
      return undefined;
    case "failed":
      return { element: "failure", message, text };
    case "crashed":
    case "timed-out":
    case "mistrusted":
      return { element: "error", message: `${status}: ${message}`, text };
    case "unsupported":
    case "unavailable":
    case "known-defect":
      return { element: "skipped", message: `${status}: ${message}`, text: "" };
  }
}

function titleOf({ suite, layer, pass }: ComparisonEntry): string {
  return `${suite} ${layer} ${pass} against the earlier time`;
}

function endOfComparison({ verdict, ratio }: ComparisonEntry): CaseEnd | undefined {
  if (verdict !== "slower") return undefined;
  return { element: "failure", message: `slower: ${ratio} times the earlier time`, text: "" };
}

function caseXml(suite: string, name: string, end: CaseEnd | undefined): string {
  const head = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}"`;
  if (end === undefined) return `${head}/>\n`;
  const { element, message, text } = end;
  const lines = text === "" ? "/>" : `>${text.split("\n").map(escaped).join("\n")}</${element}>`;
  return `${head}><${element} message="${escaped(message)}"${lines}</testcase>\n`;
}

/** Characters that XML cannot hold are escapes in plain text already. */
function escaped(text: string): string {
  return plainText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
