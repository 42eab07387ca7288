import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { CHAPTERS, type ChapterName } from "../../suites/lectures/chapters.ts";
import { DECKS } from "../../suites/lectures/example.ts";
import { TOPICS } from "../../suites/lectures/index.ts";
import type { Place } from "../../suites/lectures/topic.ts";
import type { Chapter } from "./chapters/chapter.ts";
import { withFormulas } from "./formulas.ts";

/** What of a page is the same for all, and its own script. */
export interface PageParts {
  readonly formulaStyle: string;
  readonly script: string;
}

const ROOT = new URL("../../", import.meta.url);
const STYLE = readFileSync(new URL("lesson.css", import.meta.url), "utf8");
const TESTS_PAGE = "tests.html";

/** A chapter as one HTML file that needs nothing else. */
export function chapterPage(name: ChapterName, chapter: Chapter, parts: PageParts): string {
  const at = CHAPTERS.findIndex((each) => each.name === name);
  const title = CHAPTERS[at]?.title ?? name;
  const neighbours = neighbourLinks(at);
  return page(
    title,
    `${header(name)}
<main>
<h1><span class="number">${at + 1}</span> ${escaped(title)}</h1>
<p class="lead">${withFormulas(chapter.lead)}</p>
${withFormulas(chapter.body)}
${sources(name, chapter)}
</main>
<footer>${neighbours}${keysText()}</footer>`,
    parts,
  );
}

/** The table of contents. */
export function indexPage(parts: PageParts, chapters: Readonly<Record<ChapterName, Chapter>>): string {
  const items = CHAPTERS.map(({ name, title }, at) => {
    const lead = escaped(chapters[name].lead);
    return `<li><a href="${name}.html"><b>${at + 1} ${escaped(title)}</b><span>${lead}</span></a></li>`;
  }).join("\n");
  return page(
    "Convolution, alive",
    `${header(undefined)}
<main class="contents">
<h1>Convolution, alive</h1>
<p class="lead">A lesson on convolutional networks in which every number is computed here, in your browser, by code that
is tested. Change the numbers. Send a link to what you see.</p>
<ol>${items}</ol>
<p>It follows five university lecture decks, and says where a slide does not add up:</p>
<ul>${DECKS.map(({ title, by }) => `<li>${escaped(title)} (${escaped(by)})</li>`).join("")}</ul>
</main>
<footer>${keysText()}</footer>`,
    parts,
  );
}

/** The sources of every test that a chapter names, so that its links work without a network. */
export function testsPage(parts: PageParts, chapters: Readonly<Record<string, Chapter>>): string {
  const files = new Set(Object.values(chapters).flatMap(testsOf));
  const sections = [...files].toSorted().map((file) => {
    const source = readFileSync(new URL(file, ROOT), "utf8");
    return `<h2 id="${file}">${file}</h2><pre tabindex="0">${escaped(source)}</pre>`;
  });
  return page(
    "The tests",
    `${header(undefined)}<main class="tests"><h1>The tests that hold the numbers</h1>${sections.join("\n")}</main>`,
    parts,
  );
}

function testsOf({ examples, tests }: Chapter): readonly string[] {
  return [...new Set([...examples.map(({ test }) => test), ...tests])];
}

/** The slides that a chapter's examples come from, and the tests that hold them. */
function sources(name: ChapterName, chapter: Chapter): string {
  const rows = chapter.examples.map(({ deck, slide, statement, test }) => {
    const { title = deck, by = "" } = DECKS.find((each) => each.name === deck) ?? {};
    return `<li><cite>${escaped(by)}, “${escaped(slide)}”</cite> <span class="deck">${escaped(title)}</span>
<p>${escaped(statement)} Held by ${testLink(test)}.</p></li>`;
  });
  const slides = DECKS.flatMap(({ name: deck, by }) => {
    const topics = TOPICS.filter(({ deck: of, places }) => of === deck && places.some((place) => isIn(place, name)));
    return topics.length === 0
      ? []
      : [`<li>${escaped(by)}: ${escaped(topics.map(({ topic }) => topic.replace(/[.?]$/, "")).join("; "))}.</li>`];
  });
  const others = chapter.tests.map(testLink).join(", ");
  const parts = [
    rows.length + slides.length > 0 ? "" : "<p>No slide of the decks has this.</p>",
    rows.length === 0 ? "" : `<ul>${rows.join("\n")}</ul>`,
    slides.length === 0 ? "" : `<h3>Slides of this chapter</h3><ul>${slides.join("\n")}</ul>`,
    others === "" ? "" : `<p>What else is shown here is held by ${others}.</p>`,
  ];
  return `<section class="sources" aria-labelledby="sources"><h2 id="sources">Where the numbers come from</h2>
${parts.join("\n")}</section>`;
}

function isIn(place: Place, chapter: ChapterName): boolean {
  return place.kind === "chapter" && place.chapter === chapter;
}

function testLink(file: string): string {
  return `<a href="${TESTS_PAGE}#${file}">${file.split("/").at(-1)}</a>`;
}

function header(current: ChapterName | undefined): string {
  const items = CHAPTERS.map(({ name, title }) => {
    const here = name === current ? ' aria-current="page"' : "";
    return `<li><a href="${name}.html"${here}>${escaped(title)}</a></li>`;
  });
  return `<header>
<a class="home" href="index.html">Convolution, alive</a>
<details class="chapters"><summary>chapters</summary>
<nav aria-label="Chapters"><ol>${items.join("")}</ol></nav></details>
<span class="tools">
<button type="button" data-tool="smaller" aria-label="A− smaller type">A−</button>
<button type="button" data-tool="larger" aria-label="A+ larger type">A+</button>
<button type="button" data-tool="theme" aria-label="◐ light or dark">◐</button>
<button type="button" data-tool="print">print</button>
</span>
</header>`;
}

function neighbourLinks(at: number): string {
  const link = (index: number, rel: "prev" | "next"): string => {
    const chapter = CHAPTERS[index];
    if (chapter === undefined) return "<span></span>";
    const text = rel === "prev" ? `← ${chapter.title}` : `${chapter.title} →`;
    return `<a rel="${rel}" href="${chapter.name}.html">${escaped(text)}</a>`;
  };
  return (
    `<nav class="neighbours" aria-label="Neighbouring ` +
    `chapters">${link(at - 1, "prev")}${link(at + 1, "next")}</nav>`
  );
}

function keysText(): string {
  return `<p class="keys">Keys: <kbd>n</kbd> next chapter, <kbd>p</kbd> previous, <kbd>+</kbd> <kbd>−</kbd> type size,
<kbd>d</kbd> light or dark. Arrow keys move sliders and steps that have the focus. The address keeps what you set.</p>`;
}

function page(title: string, body: string, { formulaStyle, script }: PageParts): string {
  const code = script.replaceAll(/<\/(?=script)/gi, "<\\/");
  const policy = [
    "default-src 'none'",
    `script-src ${sha256(code)} 'wasm-unsafe-eval' blob:`,
    "worker-src blob:",
    "style-src 'unsafe-inline'",
    "font-src data:",
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="benchconv">
<link rel="icon" href="data:,">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<style>${formulaStyle}</style>
</head>
<body>
${body}
<noscript><p>The figures draw themselves with JavaScript: allow scripts for this file. It loads nothing.</p></noscript>
<script>${code}</script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function sha256(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
