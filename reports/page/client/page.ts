import { counted } from "../../format.ts";
import { headline } from "../../headline.ts";
import { withModelAnswer } from "../../model-ranking.ts";
import { Chart } from "./chart.ts";
import { pageData, pageView } from "./data.ts";
import { el, unbroken, unfold } from "./dom.ts";
import { mount } from "./figure.ts";
import { listenForRecords, recordChooser } from "./open-record.ts";
import { modelSections } from "./model-section.ts";
import { comparisonSections, runSections } from "./run-sections.ts";
import { answerSection, gapSection, methodSection, verdictSections, type SectionPlan } from "./sections.ts";
import { answerView, axisValues, choice, choose, chosenView, fragmentWith, shownView } from "./state.ts";
import { AXES } from "../page-data.ts";
import { cssVariable, forgetMarks, redrawMarks } from "./theme.ts";
import { timingSections } from "./timing-sections.ts";
import { syncFilters, toolbar } from "./toolbar.ts";

/** A section within this distance of the visible part is built at once. */
const MARGIN_PX = 500;

/** The sections of the page as it stands, and which of them have been built. */
const sections = new Map<string, { readonly plan: SectionPlan; readonly place: HTMLElement; isBuilt: boolean }>();

const observer = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) build(target.id);
  },
  { rootMargin: `${MARGIN_PX}px 0px` },
);

function build(id: string): void {
  const section = sections.get(id);
  if (!section || section.isBuilt) return;
  section.isBuilt = true;
  fill(section.plan, section.place);
}

let isWaitingForIdle = false;

/**
 * Builds the other sections while the browser is idle, so that printing, searching and screenshots find all of them.
 */
function buildRestWhenIdle(): void {
  if (isWaitingForIdle) return;
  isWaitingForIdle = true;
  const soon = typeof requestIdleCallback === "function" ? requestIdleCallback : setTimeout;
  soon(() => {
    isWaitingForIdle = false;
    const [id] = [...sections].find(([, { isBuilt }]) => !isBuilt) ?? [];
    if (id === undefined) return;
    build(id);
    buildRestWhenIdle();
  });
}

function fill(plan: SectionPlan, place: HTMLElement): void {
  const number = chosenView(pageData());
  const view = pageView(number);
  place.style.minHeight = "";
  place.ariaBusy = null;
  mount(place, plan.content(view ? shownView(view, number) : null));
}

/** Draws again after a filter or the theme has changed: the visible sections at once, the others when idle. */
function refresh(): void {
  for (const section of sections.values()) {
    if (!section.isBuilt) continue;
    section.isBuilt = isNear(section.place);
    if (section.isBuilt) fill(section.plan, section.place);
    else section.place.ariaBusy = "true";
  }
  showAnswer();
  sync();
  buildRestWhenIdle();
}

let answerPlace = el("div");

/** The answer to what is shown now. */
function showAnswer(): void {
  const data = pageData();
  const whole = pageView(chosenView(data));
  const view = whole && answerView(whole);
  const source = {
    ...data,
    standings: data.impls.map(({ standing }) => standing),
    comparisons: whole?.comparisons ?? [],
  };
  const answer = view ? withModelAnswer(data.models, headline(source, view), true) : data.headline;
  document.title = `${answer.answer} – benchconv`;
  answerPlace.replaceChildren(answerSection(data, answer, view));
}

function isNear(place: HTMLElement): boolean {
  const { top, bottom } = place.getBoundingClientRect();
  return bottom > -MARGIN_PX && top < innerHeight + MARGIN_PX;
}

/** Sets controls and links to what the address says. */
function sync(): void {
  const number = chosenView(pageData());
  const view = pageView(number);
  if (view) syncFilters(view, shownView(view, number));
  for (const link of document.querySelectorAll("a[data-at]")) {
    if (link instanceof HTMLAnchorElement) link.href = fragmentWith({ at: link.dataset["at"] ?? null });
  }
}

/** Builds the page for the view that the address asks for. */
function showPage(): void {
  forgetMarks();
  sections.clear();
  observer.disconnect();
  const data = pageData();
  const number = chosenView(data);
  const view = pageView(number);
  const plans = [
    ...modelSections(data),
    ...(view ? comparisonSections(data, view, refresh) : []),
    ...(view ? timingSections(data, view, number, refresh) : []),
    ...(view ? runSections(data, view, number, refresh) : []),
    ...verdictSections(data),
    ...(view ? gapSection(view) : []),
    methodSection(data, view),
  ];
  Chart.defaults.font.family = cssVariable("--sans");
  answerPlace = el("div");
  showAnswer();
  mount(document.body, [
    masthead(),
    toolbar(data, view, plans, { showView, refresh }),
    el("main", {}, answerPlace, ...plans.map(sectionElement)),
    el(
      "footer",
      {},
      el("p", {}, `benchconv ${data.environment.benchconv} · one file, nothing loaded from the network`),
      recordChooser(showRecord),
    ),
  ]);
  sync();
  for (const { place } of sections.values()) if (place.parentElement) observer.observe(place.parentElement);
  buildRestWhenIdle();
}

/** A section: heading and explanation at the side, content beside them. */
function sectionElement(plan: SectionPlan): HTMLElement {
  const { id, title, lede, aside = [], height } = plan;
  const place = el("div", { class: "content" });
  place.style.minHeight = `${Math.min(height, 4000)}px`;
  place.ariaBusy = "true";
  sections.set(id, { plan, place, isBuilt: false });
  const link = el(
    "a",
    { class: "section-link", href: `#at=${id}`, "data-at": id, "aria-label": `Link to: ${title}` },
    "#",
  );
  return el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el(
      "header",
      {},
      el("h2", { id: `${id}-title`, tabindex: "-1" }, title),
      link,
      el("p", { class: "lede" }, ...lede.map((part) => (typeof part === "string" ? unbroken(part) : part))),
      ...aside,
    ),
    place,
  );
}

/** Another view, the filters kept. */
function showView(changes: Record<string, string>): void {
  const focused = document.activeElement?.id ?? "";
  choose(changes);
  const data = pageData();
  const view = data.views[chosenView(data)];
  // The nearest view may differ in other axes as well: the address names all of them.
  const axes = AXES.filter((axis) => axisValues(data, axis).length > 1);
  if (view) choose(Object.fromEntries(axes.map((axis) => [axis, String(view[axis])])));
  showPage();
  document.getElementById(focused)?.focus();
}

/** Scrolls to a section and moves the focus to its heading. */
function goTo(id: string | null): void {
  const section = id === null ? null : document.getElementById(id);
  if (!section || !sections.has(section.id)) return;
  build(section.id);
  section.scrollIntoView();
  document.getElementById(`${section.id}-title`)?.focus({ preventScroll: true });
}

function masthead(): HTMLElement {
  const { live, environment } = pageData();
  const { startedAt, cpu, cores } = environment;
  return el(
    "header",
    { class: "masthead" },
    el("p", { class: "wordmark" }, "benchconv"),
    live && el("p", { class: "live", role: "status" }, "live: follows the record as it is written"),
    el("p", { class: "where" }, `${startedAt.slice(0, 10)} · ${cpu} · ${counted(cores, "core")}`),
  );
}

/** Another record is shown from its head, with nothing chosen. */
function showRecord(): void {
  history.replaceState(null, "", " ");
  showPage();
  scrollTo(0, 0);
}

function redraw(): void {
  redrawMarks();
  refresh();
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  for (const filter of document.querySelectorAll("details.filter[open]")) {
    if (filter instanceof HTMLDetailsElement && !filter.contains(target)) filter.open = false;
  }
  const link = target?.closest("a[data-at]");
  if (!(link instanceof HTMLElement) || (event instanceof MouseEvent && (event.ctrlKey || event.metaKey))) return;
  event.preventDefault();
  choose({ at: link.dataset["at"] ?? null });
  sync();
  goTo(choice("at"));
});
addEventListener("hashchange", () => {
  showPage();
  goTo(choice("at"));
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

/** Prints are light and show everything; afterwards the screen is as before. */
let opened: HTMLDetailsElement[] = [];
addEventListener("beforeprint", () => {
  document.documentElement.dataset["print"] = "";
  redrawMarks();
  for (const section of sections.values()) {
    section.isBuilt = true;
    fill(section.plan, section.place);
  }
  // Thousands of samples are for the screen.
  opened = [...document.querySelectorAll("details")].filter(
    (details) => !details.open && details.matches("main :not(#samples *)"),
  );
  for (const details of opened) unfold(details);
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
  delete document.documentElement.dataset["print"];
  redraw();
});

listenForRecords(showRecord);
showPage();
goTo(choice("at"));
if (pageData().live) {
  const events = new EventSource("events");
  events.addEventListener("message", (event) => {
    if (event.data === "changed") location.reload();
  });
}
