// @ts-check
/** @import { PageData, PageView } from "./page-data.ts" */
import { counted } from "../format.ts";
import { el } from "./dom.js";
import { answerSection, gapSection, methodSection, timingSections, verdictSections } from "./sections.js";
import { cssVariable, forgetDrawings, redraw } from "./theme.js";

/** @type {PageData} */
const data = JSON.parse(document.getElementById("data")?.textContent ?? "");

/** @param {number} number which of the record's views to show */
function showView(number) {
  forgetDrawings();
  const view = data.views[number];
  const headline = view?.headline ?? data.headline;
  document.title = `${headline.answer} – benchconv`;
  const parts = [
    answerSection(data, headline, view),
    ...(view ? timingSections(data, view) : []),
    ...verdictSections(data),
    gapSection(view),
    methodSection(data, view),
  ];
  document.body.replaceChildren(
    masthead(number),
    el("main", {}, ...parts),
    el("footer", {}, `benchconv ${data.environment.benchconv} · one file, nothing loaded from the network`),
  );
  Chart.defaults.font.family = cssVariable("--sans");
  redraw();
}

/** @param {number} number the view that is shown */
function masthead(number) {
  const { startedAt, cpu, cores } = data.environment;
  const choose = () => {
    showView(Number(select.value));
    document.getElementById("view")?.focus();
  };
  const options = data.views.map((view, index) =>
    el("option", { value: String(index), selected: index === number }, viewName(view)),
  );
  const select = el("select", { id: "view", "aria-label": "View", change: choose }, ...options);
  const only = data.views[0];
  return el(
    "header",
    { class: "masthead" },
    el("p", { class: "wordmark" }, "benchconv"),
    data.views.length > 1 ? select : only && el("p", {}, viewName(only)),
    el("p", { class: "where" }, `${startedAt.slice(0, 10)} · ${cpu} · ${counted(cores, "core")}`),
  );
}

/** @param {PageView} view */
function viewName({ suite, pass, threads, cache }) {
  return `${suite} · ${pass} · ${counted(threads, "thread")} · ${cache} cache`;
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

/** Paper is light and shows the tables; the screen gets its own back. @type {HTMLDetailsElement[]} */
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details")].filter((details) => !details.open);
  for (const details of opened) details.open = true;
  document.documentElement.dataset["print"] = "";
  redraw();
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
  delete document.documentElement.dataset["print"];
  redraw();
});

showView(0);
