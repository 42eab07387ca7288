import type { ChapterName } from "./chapters.ts";
import type { DeckName, Example } from "./example.ts";

/** Where a topic of a deck is, or why it is not here. */
export type Place =
  | { readonly kind: "chapter"; readonly chapter: ChapterName }
  /** A command or a document of the project, named by its file. */
  | { readonly kind: "document"; readonly file: string }
  | { readonly kind: "left-out"; readonly why: string };

/** A topic of a deck: one slide, or those in a row that share a subject. */
export interface Topic {
  readonly deck: DeckName;
  readonly topic: string;
  readonly places: readonly Place[];
  /** The worked examples, with their numbers. */
  readonly examples: readonly Example[];
  /** What the slide gets wrong, or what differs here. */
  readonly note?: string;
}

/** In one chapter or several. */
export function inChapters(...chapters: readonly ChapterName[]): readonly Place[] {
  return chapters.map((chapter) => ({ kind: "chapter", chapter }));
}

/** In a document, and in chapters. */
export function inDocument(file: string, ...chapters: readonly ChapterName[]): readonly Place[] {
  return [...inChapters(...chapters), { kind: "document", file }];
}

export function leftOut(why: string): readonly Place[] {
  return [{ kind: "left-out", why }];
}
