import { CHAPTERS } from "../../suites/lectures/chapters.ts";
import { DECKS } from "../../suites/lectures/example.ts";
import { TOPICS } from "../../suites/lectures/index.ts";
import type { Place, Topic } from "../../suites/lectures/topic.ts";

/**
 * docs/lectures.md: every topic of the five decks, where it is, the tests that hold its numbers, and slips of
 * slides.
 */
export function lecturesDocument(): string {
  const decks = DECKS.flatMap(({ name, title, by }) => [
    `## ${title}`,
    by,
    table(TOPICS.filter(({ deck }) => deck === name)),
  ]);
  const leftOut = TOPICS.filter(({ places }) => places.some(({ kind }) => kind === "left-out")).length;
  return `${[
    "# The lectures, topic by topic",
    "This project began with five lecture decks on convolutional networks. The lesson (`npm run lesson`) has " +
      "a page for " +
      "each chapter, and computes every number in the reader's browser with the code of [reference/](../reference/). " +
      `This table accounts for all ${TOPICS.length} topics of the decks: ${leftOut} are not in the project, with the ` +
      "reason. The worked examples are data in [suites/lectures/](../suites/lectures/); tests, pages and " +
      "this document " +
      "come from it. (This file is written by the test reports/lesson/lectures-document.test.ts: " +
      "`npm test -- reports/lesson/lectures-document.test.ts -u`.)",
    ...decks,
  ].join("\n\n")}\n`;
}

function table(topics: readonly Topic[]): string {
  const rows = topics.map(({ topic, places, examples, note }) => {
    const tests = [...new Set(examples.map(({ test }) => test))].map(linked);
    const remark = note ?? (places[0]?.kind === "left-out" ? "" : examples.map(({ statement }) => statement).join(" "));
    return `| ${[topic, places.map(placeText).join(", "), tests.join(", "), remark].map(escaped).join(" | ")} |`;
  });
  return ["| topic | where | held by | numbers and remarks |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function placeText(place: Place): string {
  switch (place.kind) {
    case "chapter":
      return `“${CHAPTERS.find(({ name }) => name === place.chapter)?.title ?? place.chapter}”`;
    case "document":
      return linked(place.file);
    case "left-out":
      return `not here: ${place.why}`;
  }
}

function linked(file: string): string {
  return `[${file.split("/").at(-1)}](../${file})`;
}

/** A cell's text; Markdown's own characters are taken as they are. */
function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("*", "\\*");
}
