/** What the page shows: what render.ts wrote into the document, or a record that the reader has opened in it. */
import { recordOfText } from "../../../core/record-file.ts";
import { MODEL } from "../../../suites/suite.ts";
import { pageData as dataOf, pageSamples as samplesOf, pageViews as viewsOf } from "../page-data.ts";
import type { PageData, PageSamples, PageView } from "../page-data.ts";

/** The numbers that may be strings in JSON: non-finite ones, and −0. */
const NUMBERS: ReadonlySet<string> = new Set(["margin", "got", "expected", "bound"]);

function decoded(key: string, value: unknown): unknown {
  return typeof value === "string" && NUMBERS.has(key) ? Number(value) : value;
}

/** The elements with data, held from the start: drawing the page takes them out of the document. */
const elements = new Map(
  [...document.querySelectorAll('script[type="application/json"]')].map((element) => [element.id, element]),
);

/** What is computed when it is first asked for. */
function once<T>(compute: () => T): () => T {
  let value: { readonly of: T } | undefined;
  return () => (value ??= { of: compute() }).of;
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- render.ts of this version wrote it
function json<T>(id: string): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return JSON.parse(elements.get(id)?.textContent ?? "", decoded) as T;
}

/** A record as the page shows it. The views and the samples of a large one are long: each is read when it is shown. */
interface OpenedRecord {
  readonly data: PageData;
  readonly views: readonly (() => PageView)[];
  readonly samples: () => PageSamples;
}

function ofDocument(): OpenedRecord {
  const data = json<PageData>("data");
  const views = data.views.map((_, number) => once(() => json<PageView>(`view-${number}`)));
  return { data, views, samples: once(() => json<PageSamples>("samples")) };
}

let shown = ofDocument();

/** All that the page shows, but its views and the samples. */
export function pageData(): PageData {
  return shown.data;
}

export function pageView(number: number): PageView | undefined {
  return shown.views[number]?.();
}

export function pageSamples(): PageSamples {
  return shown.samples();
}

/**
 * Has the page show another record: `show` draws it. Where that fails, what was shown is drawn again.
 * @throws Error for a text that is no record
 */
export function openRecord(name: string, text: string, show: () => void): void {
  const record = recordOfText(name, text);
  // The page has no bootstrap, which a whole model's ratios need.
  if (record.timings.some(({ kind }) => kind === MODEL))
    throw new Error(`${name} is of a whole model: benchconv report ${name} draws it`);
  const views = viewsOf(record, []).map((view) => () => view);
  const before = shown;
  shown = { data: dataOf(record, []), views, samples: once(() => samplesOf(record)) };
  try {
    show();
  } catch (error) {
    shown = before;
    show();
    throw error;
  }
}
