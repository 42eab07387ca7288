import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM_FLAGS, findChromium } from "../harness/runner/browser/find-chromium.ts";
import { CHAPTERS } from "../suites/lectures/chapters.ts";
import { lessonPages } from "./lesson/pages.ts";

const executablePath = findChromium();
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** But for KaTeX's fonts and style. */
const MOST_BYTES = 300_000;
// Long enough for a machine that is busy with other things.
const timeout = 120_000;

const pages = await lessonPages();

test("a page for every chapter, the contents and the tests, none larger than 300 KB without its formulas' style", () => {
  const names = CHAPTERS.map(({ name }) => `${name}.html`);
  expect([...pages.keys()].toSorted()).toEqual([...names, "index.html", "tests.html"].toSorted());
  for (const [name, html] of pages) {
    const own = html.replace(/<style>@font-face.*?<\/style>/s, "");
    expect([name, own.length < MOST_BYTES]).toEqual([name, true]);
    const page = own.replaceAll(/<pre.*?<\/pre>|<script.*?<\/script>/gs, "");
    expect([name, /(?:src|href)="https?:|@import|url\((?!data:)/.test(page)]).toEqual([name, false]);
  }
});

describe.skipIf(executablePath === undefined)("the lesson in Chromium", { timeout }, () => {
  const folder = mkdtempSync(join(tmpdir(), "benchconv-lesson-"));
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const requests: string[] = [];
  const opened = async (name: string, hash = ""): Promise<void> => {
    await page.goto(`${pathToFileURL(join(folder, name)).href}${hash}`);
  };

  beforeAll(async () => {
    for (const [name, html] of pages) writeFileSync(join(folder, name), html);
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      args: [...CHROMIUM_FLAGS, "--disable-gpu"],
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!/^(file|data|blob):/.test(request.url())) requests.push(request.url());
    });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("every page opens from its file, draws its figures, fits a phone, and axe-core has nothing to object to", async () => {
    const found: unknown[] = [];
    for (const [index, name] of [...pages.keys()].entries()) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.emulateMedia({ colorScheme: index % 2 === 0 ? "light" : "dark" });
      await opened(name);
      await page.evaluate(AXE);
      const { empty, violations } = await page.evaluate<{ empty: string[]; violations: string[] }>(`(async () => ({
        empty: [...document.querySelectorAll("main *")].filter((each) => each.localName.endsWith("-figure") && each.childElementCount === 0).map((each) => each.localName),
        violations: (await axe.run({ exclude: ["pre", ".katex"] }, { resultTypes: ["violations"] })).violations.flatMap(({ id, nodes }) =>
          nodes.map(({ target, failureSummary }) => id + " " + target.join(" ") + " " + failureSummary)),
      }))()`);
      await page.setViewportSize({ width: 390, height: 800 });
      const overhang = await page.evaluate<number>(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      if (empty.length + violations.length + overhang > 0) found.push({ name, empty, violations, overhang });
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    expect(found).toEqual([]);
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
  });

  const textOf = (selector: string): Promise<string | null> => page.locator(selector).first().textContent();

  test("a figure by keyboard, its numbers, and a link that shows the same", async () => {
    await opened("convolution.html");
    const stepper = page.locator("flip-figure .stepper button", { hasText: "step" });
    await stepper.focus();
    await page.keyboard.press("ArrowRight");
    expect(await textOf("flip-figure .caption")).toBe("y[0, 1] = 1·80 + 0.5·40 + 0.25·40 + 0·0 = 110");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    expect(await page.locator("flip-figure matrix-view").last().locator("td").allTextContents()).toEqual([
      "45",
      "110",
      "40",
      "40",
    ]);
    await page.locator("flip-figure input").first().fill("2");
    const address = await page.evaluate<string>("location.href");
    expect(new URL(address).hash).toBe("#flip.step=3&flip.x=2%2C80%2C40%3B20%2C40%2C0%3B0%2C0%2C40");
    await page.goto("about:blank");
    await page.goto(address);
    // 1·2 + 0.5·80 + 0.25·20.
    expect(await textOf("flip-figure matrix-view:last-of-type td")).toBe("47");
  });

  test("a link that says nonsense shows the page's own numbers, without an error", async () => {
    for (const hash of ["x=1,2&w=%", "x=1,2,3;4,5,6;7,8,9&w=1,2,3", "dx.step=99&dy=a,b;c,d"]) {
      await page.goto("about:blank");
      await opened("gradient.html", `#${hash}`);
      expect(await textOf("dx-figure .caption")).toMatch(/^dX\[1, 1\] = 1·0/);
    }
    await opened("connections.html", "#size=8&kernel=32");
    expect(await textOf("connections-figure .caption")).toContain("40,000 · 8² = 2,560,000");
    expect(complaints).toEqual([]);
  });

  test("keys: the next chapter, larger type, light and dark; on paper the figures stand, and the buttons are gone", async () => {
    await opened("convolution.html");
    await page.keyboard.press("n");
    await page.waitForURL(/sizes\.html/);
    const sizeOf = (): Promise<string> => page.evaluate<string>("getComputedStyle(document.body).fontSize");
    const before = await sizeOf();
    await page.keyboard.press("+");
    expect(Number.parseFloat(await sizeOf())).toBeGreaterThan(Number.parseFloat(before));
    await page.keyboard.press("-");
    const background = (): Promise<string> => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.keyboard.press("d");
    expect(await background()).not.toBe(light);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("header").isVisible()).toBe(false);
    expect(await page.locator("sizes-figure matrix-view").first().isVisible()).toBe(true);
    expect((await page.pdf()).subarray(0, 5).toString()).toBe("%PDF-");
    await page.emulateMedia({ media: "screen" });
    await page.keyboard.press("d");
  });

  test("a picture of the reader's own is filtered, and what is no picture is said to be none", async () => {
    await opened("kernels.html");
    const input = page.locator("picture-figure input[type=file]");
    await input.setInputFiles(new URL("../docs/page.png", import.meta.url).pathname);
    await page.locator("picture-figure .drop", { hasText: /a picture of 128 × \d+|a picture of \d+ × 128/ }).waitFor();
    expect(await textOf("picture-figure .caption")).toMatch(/^Responses from −\d/);
    await input.setInputFiles({ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no") });
    await page.locator("picture-figure .drop", { hasText: "no picture that this browser reads" }).waitFor();
  });

  test("AlexNet's convolutions are timed in the page, and every output that is looked at is right", async () => {
    await opened("breakdown.html", "#layers=convolutions&length=short");
    await page.locator("breakdown-figure button", { hasText: "WebAssembly" }).click();
    await page.locator("breakdown-figure .caption", { hasText: "for one image" }).waitFor({ timeout });
    expect(await textOf("breakdown-figure .caption")).toMatch(/^wasm-gemm: .* ms .* All 5 outputs .* are right\.$/);
    expect(await page.locator("breakdown-figure pie-chart").count()).toBe(3);
    const rows = await page.locator("breakdown-figure tbody tr").allTextContents();
    expect(rows.map((text) => text.slice(0, 5))).toEqual(["conv1", "conv2", "conv3", "conv4", "conv5"]);
    for (const text of rows) expect(text).toContain("1 output, ✓");
  });

  test("a network is trained in the page", async () => {
    await opened("training.html");
    const step = page.locator("training-figure button", { hasText: "one step" });
    await step.click();
    await step.click();
    expect(await textOf("training-figure .caption")).toMatch(/^2 steps, 0\.1 epochs: loss \d/);
    expect(complaints).toEqual([]);
  });
});
