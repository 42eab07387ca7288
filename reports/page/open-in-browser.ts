import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import type { RunRecord } from "../../core/record.ts";
import { CHROMIUM_FLAGS, findChromium } from "../../harness/runner/browser/find-chromium.ts";
import type { PageOptions } from "./page-data.ts";
import { renderPage } from "./render.ts";

/** The Chromium that the page's tests run in; undefined where there is none, and then they are skipped. */
export const executablePath = findChromium();

export interface OpenedPage {
  readonly page: Page;
  /** Console errors, exceptions and dialogs. */
  readonly complaints: readonly string[];
  /** Every URL that was asked for, the page's own first. */
  readonly requests: readonly string[];
}

export interface OpenOptions extends PageOptions {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
  /** The fragment, without its #. */
  readonly at?: string;
}

/** A browser for the tests of a file; what it returns opens a record's page from a file, as a reader does. */
export function useBrowser(): (record: RunRecord, options?: OpenOptions) => Promise<OpenedPage> {
  let browser: Browser | undefined;
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "benchconv-page-"));
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      args: [...CHROMIUM_FLAGS, "--disable-gpu"],
    });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return async (record, { width = 1280, colorScheme = "light", at = "", ...options } = {}) => {
    if (browser === undefined) throw new Error("the browser has not started");
    const file = join(folder, "page.html");
    writeFileSync(file, renderPage(record, options));
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, acceptDownloads: true });
    const [complaints, requests]: [string[], string[]] = [[], []];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(`${pathToFileURL(file).href}${at === "" ? "" : `#${at}`}`);
    await page.waitForSelector("footer");
    return { page, complaints, requests };
  };
}

/** Scrolls through the page, so that every section is drawn. */
export async function drawAll(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    for (const section of document.querySelectorAll("main > section[id]")) {
      section.scrollIntoView();
      while (section.querySelector(".content").ariaBusy) await new Promise(requestAnimationFrame);
    }
    scrollTo(0, 0);
  })()`);
}

/** Opens every fold and waits until what is in it has been built. */
export async function unfoldAll(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const folds = [...document.querySelectorAll("main details")];
    for (const fold of folds) fold.open = true;
    while (folds.some((fold) => fold.children.length < 2)) await new Promise(requestAnimationFrame);
  })()`);
}

/** How many different colours each chart's canvas holds (a blank one has 1). */
export function coloursOf(page: Page): Promise<number[]> {
  return page.evaluate<number[]>(`
    [...document.querySelectorAll(".chart canvas")].map((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    })`);
}

/** Pixels by which the page is wider than the window. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

/** No complaint, nothing loaded but the page itself, no sideways scroll; closes the page. */
export async function expectSound({ page, complaints, requests }: OpenedPage): Promise<void> {
  expect(complaints).toEqual([]);
  expect(requests.filter((url) => !url.startsWith("blob:"))).toHaveLength(1);
  expect(await overhang(page)).toBe(0);
  await page.close();
}
