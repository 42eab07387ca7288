import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunRecord } from "../../harness/record.ts";
import { exampleRecord, renamed } from "../example-record.ts";
import { CHROMIUM_FLAGS, findChromium } from "./find-chromium.ts";
import { renderPage } from "./render.ts";

const executablePath = findChromium();
const HOSTILE = "<img src=x onerror=alert(1)>";
if (executablePath === undefined) {
  console.warn(
    "page.browser.test.ts is skipped: no Chromium in the usual places; set CHROMIUM_PATH or apt-get install chromium",
  );
}

describe.skipIf(executablePath === undefined)("the page in Chromium", () => {
  let browser: Browser;
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "benchconv-page-"));
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: [...CHROMIUM_FLAGS] });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Visit {
    readonly page: Page;
    /** Console errors, exceptions and dialogs. */
    readonly complaints: readonly string[];
    /** Every URL that was asked for, the page's own first. */
    readonly requests: readonly string[];
  }

  /** Opens a record's page from a file, as a reader does. */
  async function visit(record: RunRecord, width = 1280, colorScheme: "light" | "dark" = "light"): Promise<Visit> {
    const file = join(folder, "page.html");
    writeFileSync(file, renderPage(record));
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
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
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector("footer");
    return { page, complaints, requests };
  }

  /** How many different colours each chart's canvas holds (a blank one has 1). */
  function coloursOf(page: Page): Promise<number[]> {
    return page.evaluate<number[]>(`
      [...document.querySelectorAll(".chart canvas")].map((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      })`);
  }

  /** The picture of the first chart. */
  function picture(page: Page): Promise<string> {
    return page.evaluate<string>(`document.querySelector(".chart canvas").toDataURL()`);
  }

  /** Pixels by which the page is wider than the window. */
  function overhang(page: Page): Promise<number> {
    return page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  }

  async function expectSound({ page, complaints, requests }: Visit): Promise<void> {
    expect(complaints).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(await overhang(page)).toBe(0);
    await page.close();
  }

  test("says the answer and draws every chart, light and dark, wide and narrow", async () => {
    for (const [width, scheme] of [
      [1280, "light"],
      [1280, "dark"],
      [390, "light"],
      [390, "dark"],
    ] as const) {
      const visited = await visit(exampleRecord(), width, scheme);
      expect(await visited.page.locator("h1").textContent()).toMatch(/^onnxruntime is fastest/);
      const colours = await coloursOf(visited.page);
      expect(colours).toHaveLength(3);
      for (const count of colours) expect(count).toBeGreaterThan(20);
      await expectSound(visited);
    }
  });

  test("every table is there, and unfolding them all scrolls only inside their boxes", async () => {
    const visited = await visit(exampleRecord(), 390);
    for (const summary of await visited.page.locator("summary").all()) await summary.click();
    expect(await visited.page.locator("details[open]").count()).toBe(6);
    expect(
      await visited.page
        .getByRole("region", { name: /Median time per layer/ })
        .locator("tbody tr")
        .count(),
    ).toBe(8);
    await expectSound(visited);
  });

  test("a change of theme draws the charts again", async () => {
    const visited = await visit(exampleRecord());
    const light = await picture(visited.page);
    await visited.page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(() => picture(visited.page)).not.toBe(light);
    await visited.page.emulateMedia({ colorScheme: "light" });
    await expect.poll(() => picture(visited.page)).toBe(light);
    await expectSound(visited);
  });

  test("a contender is hidden by keyboard, another base changes the heat map", async () => {
    const visited = await visit(exampleRecord());
    const { page } = visited;
    const button = page.locator("#times .legend button").first();
    await button.focus();
    await page.keyboard.press("Enter");
    expect(await page.locator(".legend button[aria-pressed=false]").count()).toBe(2);
    const total = page.locator(".heat tbody tr", { hasText: "im2col-gemm" }).locator("td").last();
    expect(await total.textContent()).toMatch(/^\d\.\d+×$/);
    await page.selectOption("#heat-base", "onnxruntime");
    expect(await total.textContent()).toMatch(/^0\.0\d+×$/);
    await expectSound(visited);
  });

  test("nothing that a plugin wrote runs", async () => {
    const hostile = renamed(exampleRecord(), "tfjs-wasm", HOSTILE);
    const record: RunRecord = {
      ...hostile,
      command: HOSTILE,
      impls: hostile.impls.map((impl) => ({ ...impl, version: HOSTILE, reason: HOSTILE, description: HOSTILE })),
      timings: hostile.timings.map((timing) => ({ ...timing, layer: `</script>${HOSTILE}${timing.layer}` })),
    };
    const visited = await visit(record, 390);
    for (const summary of await visited.page.locator("summary").all()) await summary.click();
    expect(await visited.page.locator("img, iframe").count()).toBe(0);
    expect(await visited.page.locator(".ranking").textContent()).toContain(HOSTILE);
    await expectSound(visited);
  });

  test("records with little or much in them", async () => {
    const record = exampleRecord();
    const nulls = record.timings.map((timing) => ({
      ...timing,
      medianMs: null,
      minMs: null,
      ci95Ms: null,
      gflops: null,
    }));
    const many = Array.from({ length: 16 }, (_, index) => `contender-with-a-long-name-${index}`);
    const small: readonly RunRecord[] = [
      { ...record, timings: [] },
      { ...record, checks: [] },
      { ...record, impls: [], checks: [], timings: [] },
      { ...record, timings: nulls },
      { ...record, timings: record.timings.filter(({ layer }) => layer === "fc8") },
      { ...record, timings: record.timings.filter(({ impl }) => impl === "fft") },
      {
        ...record,
        timings: record.timings
          .filter(({ impl }) => impl === "fft")
          .map((timing) => ({ ...timing, ci95Ms: null, gflops: null })),
      },
      { ...record, timings: record.timings.flatMap((timing) => [timing, { ...timing, threads: 2 }]) },
      {
        ...record,
        impls: many.map((name) => ({ name, algorithm: "direct", status: "passed" })),
        timings: many.flatMap((impl) =>
          record.timings.filter((timing) => timing.impl === "fft").map((timing) => ({ ...timing, impl })),
        ),
      },
    ];
    for (const each of small) {
      const visited = await visit(each, 390);
      for (const count of await coloursOf(visited.page)) expect(count).toBeGreaterThan(1);
      await expectSound(visited);
    }
  });
});
