import { failureWords } from "../../failure-facts.ts";
import { counted, marginText } from "../../format.ts";
import type { Verdict } from "../../verdict.ts";
import type { PageData } from "../page-data.ts";
import { el, folded, scrollBox } from "./dom.ts";
import { figure } from "./figure.ts";
import type { TableData } from "./table.ts";

const PASS_NAMES = ["forward", "backwardData", "backwardWeights"] as const;

/** A mark for each status, so that it is not told by colour alone. */
const MARKS: Record<string, [string, string]> = {
  passed: ["✓", "good"],
  failed: ["✕", "bad"],
  crashed: ["✕", "bad"],
  "timed-out": ["◷", "bad"],
  mistrusted: ["?", "doubt"],
  "known-defect": ["!", "doubt"],
  unverified: ["?", "doubt"],
};

/** A status word with its mark. */
export function statusBadge(status: string, word: string = status): HTMLSpanElement {
  const [mark, tone] = MARKS[status] ?? ["–", "none"];
  return el("span", { class: `status ${tone}` }, el("span", { class: "mark", "aria-hidden": "true" }, mark), word);
}

/** Implementations × passes: what the checks found. */
export function verdictTable({ verdicts }: PageData): HTMLDivElement {
  const impls = [...new Set(verdicts.map(({ impl }) => impl))];
  const passes = PASS_NAMES.filter((pass) => verdicts.some((verdict) => verdict.pass === pass));
  const cells = (impl: string) =>
    passes.map((pass) => {
      const verdict = verdicts.find((entry) => entry.impl === impl && entry.pass === pass);
      return el("td", {}, ...(verdict ? verdictCell(verdict) : [el("span", { class: "muted" }, "not checked")]));
    });
  return scrollBox(
    "Verdict for each implementation and pass",
    el(
      "table",
      { class: "verdicts" },
      el("caption", { class: "visually-hidden" }, "Verdict for each implementation and pass"),
      el("thead", {}, el("tr", {}, ...["implementation", ...passes].map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, ...impls.map((impl) => el("tr", {}, el("th", { scope: "row" }, impl), ...cells(impl)))),
    ),
  );
}

/** The verdicts as plain cells, a row for each implementation and pass. */
export function verdictCells({ verdicts }: PageData): TableData {
  return {
    caption: "Verdicts",
    head: ["implementation", "pass", "status", "cases", "margin", "reasons"],
    rows: verdicts.map(({ impl, pass, status, cases, margin, reasons }) => [
      impl,
      pass,
      status,
      { text: String(cases), value: cases },
      { text: marginText(margin), value: margin },
      reasons.join("; "),
    ]),
  };
}

function verdictCell({ status, cases, margin, reasons }: Verdict): (false | HTMLSpanElement)[] {
  return [
    statusBadge(status),
    cases > 0 && el("p", { class: "figures" }, `${counted(cases, "case")}, margin ${marginText(margin)}`),
    cases > 0 && margin !== null && marginMeter(margin),
    ...reasons.map((reason) => el("p", { class: "reason" }, reason)),
  ];
}

/** How much of the bound the worst error used up; full and red beyond it. */
function marginMeter(margin: number): HTMLSpanElement {
  const bar = el("span");
  bar.style.width = `${100 * (margin >= 0 ? Math.min(1, margin) : 1)}%`;
  return el("span", { class: margin <= 1 ? "meter" : "meter over", "aria-hidden": "true" }, bar);
}

/** Every check, folded. */
export function checkTable({ checks }: PageData): HTMLDetailsElement {
  const rows = () =>
    checks.map(({ impl, pass, law, status, cases, margin, reason }) => [
      impl,
      pass,
      law,
      statusBadge(status),
      String(cases),
      marginText(margin),
      { text: reason ?? "", className: "prose" },
    ]);
  const head = ["implementation", "pass", "law", "status", "cases", "margin", "reason"];
  const table = () => ({ caption: "Every check", head, rows: rows() });
  return folded(`All ${counted(checks.length, "check")}`, () => [
    figure({ name: "checks", title: "Every check", note: "verify", table }),
  ]);
}

/** A failure under a heading of the page, or of a section. */
export function failureCard(
  { impl, pass, law, failure, facts }: PageData["failures"][number],
  heading: "h2" | "h3" = "h3",
): HTMLElement {
  return el(
    "article",
    { class: "failure" },
    el("p", { class: "eyebrow" }, statusBadge("failed", `${impl} · ${pass} · ${law}`)),
    el(heading, {}, failureWords(failure)),
    failure.picture && el("pre", { class: "picture", tabindex: "0" }, failure.picture.join("\n")),
    el(
      "dl",
      { class: "facts" },
      ...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
    ),
    copyable("Problem", failure.descriptor),
    copyable("See it again", failure.rerun),
  );
}

export function defectCard({ id, title, impls, rerun }: PageData["expectedFailures"][number]): HTMLElement {
  return el(
    "article",
    { class: "failure" },
    el("p", { class: "eyebrow" }, statusBadge("known-defect", `known defect ${id}`)),
    el("h3", {}, title),
    el("p", { class: "reason" }, `In ${impls.join(", ")}.`),
    copyable("See it again", rerun),
  );
}

/** A line of code with a button that copies it. */
export function copyable(name: string, text: string): HTMLDivElement {
  const code = el("code", {}, text);
  const said = el("span", { class: "visually-hidden", role: "status" });
  const press = async () => {
    const done = await copy(text, code);
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    said.textContent = done ? "Copied" : "Selected, press Ctrl+C";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  };
  const button = el("button", { type: "button", "aria-label": `Copy: ${name}`, click: () => void press() }, "Copy");
  return el(
    "div",
    { class: "copyable" },
    el("span", { class: "name" }, name),
    el("pre", { tabindex: "0" }, code),
    button,
    said,
  );
}

/** Copies, or selects the text where the browser refuses. */
async function copy(text: string, element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return false;
  }
}
