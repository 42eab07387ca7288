import type { PageData, PageSamples } from "../page-data.ts";

/** Held from the start: drawing the page takes them out of the document. */
const [dataElement, samplesElement] = ["data", "samples"].map((id) => document.getElementById(id));

/** The numbers that may be strings in JSON: non-finite ones, and −0. */
const NUMBERS: ReadonlySet<string> = new Set(["margin", "got", "expected", "bound"]);

function decoded(key: string, value: unknown): unknown {
  return typeof value === "string" && NUMBERS.has(key) ? Number(value) : value;
}

/** All that the page shows, but the samples. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- render.ts of this version wrote it
export const pageData = JSON.parse(dataElement?.textContent ?? "", decoded) as PageData;

let samples: PageSamples | undefined;

/** The record's samples, read when first asked for. */
export function pageSamples(): PageSamples {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  samples ??= JSON.parse(samplesElement?.textContent ?? "") as PageSamples;
  return samples;
}
