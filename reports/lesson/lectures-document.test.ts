import { existsSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { expect, test } from "vitest";
import { CHAPTERS } from "../../suites/lectures/chapters.ts";
import { TOPICS } from "../../suites/lectures/index.ts";
import { lecturesDocument } from "./lectures-document.ts";

const ROOT = new URL("../../", import.meta.url);
const DOCUMENT = new URL("docs/lectures.md", ROOT).pathname;

test("docs/lectures.md is what the topics say (renew it with -u)", async () => {
  const options = (await resolveConfig(DOCUMENT)) ?? {};
  const text = await format(lecturesDocument(), { ...options, parser: "markdown" });
  await expect(text).toMatchFileSnapshot(DOCUMENT);
});

test("every topic has a place, every chapter a topic, and every file that is named is there", () => {
  for (const { topic, places } of TOPICS) expect([topic, places.length > 0]).toEqual([topic, true]);
  const chapters = TOPICS.flatMap(({ places }) =>
    places.flatMap((place) => (place.kind === "chapter" ? [place.chapter] : [])),
  );
  // The decks stop at the matrix product; fast algorithms are the lesson's own.
  expect(CHAPTERS.map(({ name }) => name).filter((name) => !chapters.includes(name))).toEqual(["transforms"]);
  const files = TOPICS.flatMap(({ places, examples }) => [
    ...places.flatMap((place) => (place.kind === "document" ? [place.file] : [])),
    ...examples.map(({ test: file }) => file),
  ]);
  expect([...new Set(files)].filter((file) => !existsSync(new URL(file, ROOT)))).toEqual([]);
});
