import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { exampleRecord, renamed } from "../../core/testing/example-record.ts";
import { exampleAxes, exampleHistory } from "../testing/example-runs.ts";
import { drawAll, executablePath, expectSound, unfoldAll, useBrowser } from "./open-in-browser.ts";
import { renderPage } from "./render.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [oldest] = exampleHistory();

// Long enough for a machine that is busy with other things.
const timeout = 120_000;

describe.skipIf(executablePath === undefined)("what a reader can do with the page", { timeout }, () => {
  const open = useBrowser();
  const fragment = (page: Page) => page.evaluate<string>("location.hash");

  /** The violations that axe-core finds, with the elements. */
  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(AXE);
    return page.evaluate<string[]>(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + " " + target.join(" ") + " " + failureSummary)))`);
  }

  test("axe-core finds nothing to object to, in light and in dark, all unfolded", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const options = oldest === undefined ? {} : { baseline: oldest, history: exampleHistory() };
      const opened = await open(exampleAxes(), { colorScheme, ...options });
      await drawAll(opened.page);
      await unfoldAll(opened.page);
      await opened.page.locator(".filter > summary").click();
      await opened.page.locator("#times .legend button").first().click();
      expect(await violations(opened.page)).toEqual([]);
      await expectSound(opened);
    }
    // Without times the failure stands first, with its picture.
    const verified = await open({ ...exampleRecord(), timings: [] });
    await drawAll(verified.page);
    expect(await verified.page.locator(".answer .failure h2").textContent()).toMatch(/^fails with padding ≥ 1: /);
    expect(await verified.page.locator(".answer .picture").count()).toBe(1);
    expect(await violations(verified.page)).toEqual([]);
    await expectSound(verified);
  });

  test("an implementation is hidden by keyboard in every chart and table, and the address says so", async () => {
    const opened = await open(exampleRecord());
    const { page } = opened;
    await drawAll(page);
    expect(await page.locator(".heat tbody tr").count()).toBe(6);
    await page.locator("#times .legend button", { hasText: "onnxruntime" }).focus();
    await page.keyboard.press("Enter");
    expect(await page.locator(".heat tbody tr").count()).toBe(5);
    expect(await page.locator(".filtered").textContent()).toBe("5 of 6 implementations");
    expect(await page.locator(".legend button[aria-pressed=false]").allTextContents()).toEqual(
      Array.from({ length: await page.locator(".legend").count() }, () => "onnxruntime"),
    );
    expect(await fragment(page)).toBe("#hide=onnxruntime");
    // The focus stays where it was, and the answer is of what is shown.
    expect(await page.evaluate<string>("document.activeElement.dataset.impl")).toBe("onnxruntime");
    expect(await page.locator("h1").textContent()).toMatch(/^tfjs-wasm is fastest/);
    await page.keyboard.press("Enter");
    expect(await page.locator("h1").textContent()).toMatch(/^onnxruntime is fastest: .* for the 8\slayers/);
    expect(await fragment(page)).toBe("");
    await expectSound(opened);
  });

  test("an address restores view, filters, choices and section, on load and when it changes", async () => {
    const at = "threads=2&batch=1&hide=naive&layer=conv*&base=fft&scale=bars&trace=fft&of=conv3&at=samples";
    const opened = await open(exampleAxes(), { at });
    const { page } = opened;
    const expectRestored = async (threads: string) => {
      expect(await page.locator("#axis-threads").inputValue()).toBe(threads);
      await page.waitForSelector("#samples .chart canvas");
      expect(await page.locator("#samples h3").first().textContent()).toBe("fft, conv3");
      expect(
        await page
          .locator("#samples")
          .boundingBox()
          .then((box) => Math.abs(box?.y ?? 9999)),
      ).toBeLessThan(120);
      expect(await page.evaluate<string>("document.activeElement.id")).toBe("samples-title");
      await drawAll(page);
      expect(await page.locator("#heat-base").inputValue()).toBe("fft");
      expect(await page.locator("#time-scale").inputValue()).toBe("bars");
      expect(await page.locator(".filtered").textContent()).toBe("5 of 6 implementations, 5 of 8 layers");
    };
    await expectRestored("2");
    await page.evaluate(`location.hash = ${JSON.stringify(at.replace("threads=2", "threads=1"))}`);
    await expect.poll(() => page.locator("#axis-threads").inputValue()).toBe("1");
    await expectRestored("1");
    await expectSound(opened);
  });

  test("choosing a view keeps the filters and the focus, and its address opens the same view", async () => {
    const opened = await open(exampleAxes(), { at: "layer=fc" });
    const { page } = opened;
    await page.focus("#axis-batch");
    await page.selectOption("#axis-batch", "32");
    expect(await page.evaluate<string>("document.activeElement.id")).toBe("axis-batch");
    const address = new URLSearchParams((await fragment(page)).slice(1));
    expect(Object.fromEntries(address)).toEqual({ layer: "fc", threads: "1", batch: "32" });
    await drawAll(page);
    await page.getByText("Times as a table").click();
    const table = page.getByRole("region", { name: /Median time per layer/ });
    expect(await table.locator("tbody th").allTextContents()).toEqual(["fc6", "fc7", "fc8"]);
    expect(await table.locator("tbody th").first().getAttribute("title")).toMatch(/mb32/);
    await expectSound(opened);
  });

  test("links lead to sections, by keyboard too, and are addresses of the page as it is", async () => {
    const opened = await open(exampleRecord(), { at: "hide=naive" });
    const { page } = opened;
    const link = page.locator("nav a", { hasText: "Method" });
    expect(await link.getAttribute("href")).toBe("#hide=naive&at=method");
    await link.focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("#method dl");
    expect(await page.evaluate<string>("document.activeElement.id")).toBe("method-title");
    expect(await fragment(page)).toBe("#hide=naive&at=method");
    await expectSound(opened);
  });

  test("Escape closes the filter and gives the focus back", async () => {
    const opened = await open(exampleRecord());
    const { page } = opened;
    await page.locator(".filter > summary").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    expect(await page.locator(".filtered").textContent()).toBe("5 of 6 implementations");
    await page.keyboard.press("Escape");
    expect(await page.locator(".filter[open]").count()).toBe(0);
    expect(await page.evaluate<string>("document.activeElement.textContent")).toBe("Filter");
    await expectSound(opened);
  });

  test("times are read as medians or as the best case", async () => {
    const opened = await open(exampleRecord(), { at: "at=times" });
    const { page } = opened;
    await page.waitForSelector("#times .chart canvas");
    await page.selectOption("#estimate", "fast");
    await page.getByText("Times as a table").click();
    const table = page.getByRole("region", { name: /^Best-case .p10. per layer/ });
    const timing = exampleRecord().timings.find(({ impl, layer }) => impl === "onnxruntime" && layer === "conv1");
    const [shown] = await table.locator("tbody tr").first().locator("td").allTextContents();
    expect(Number.parseFloat(shown ?? "")).toBeCloseTo(timing?.fastMs ?? NaN, 2);
    expect(await fragment(page)).toContain("estimate=fast");
    await expectSound(opened);
  });

  test("another base changes the heat map", async () => {
    const opened = await open(exampleRecord());
    const { page } = opened;
    await drawAll(page);
    const total = page.locator(".heat tbody tr", { hasText: "im2col-gemm" }).locator("td").last();
    expect(await total.textContent()).toMatch(/^\d\.\d+×$/);
    await page.selectOption("#heat-base", "onnxruntime");
    await expect.poll(() => total.textContent(), { timeout: 20_000 }).toMatch(/^0\.0\d+×$/);
    await expectSound(opened);
  });

  test("figures are copied where the browser allows it", async () => {
    const opened = await open(exampleRecord());
    const { page } = opened;
    await page.evaluate(`
      globalThis.copied = [];
      navigator.clipboard.writeText = async (text) => void copied.push(text);
      navigator.clipboard.write = async ([item]) => void copied.push((await item.getType("image/png")).size);`);
    await drawAll(page);
    await page.getByRole("button", { name: "Copy as CSV: Time per layer" }).click();
    await page.getByRole("button", { name: "Copy as Markdown: Speed-up" }).click();
    await page.getByRole("button", { name: "Copy as PNG: Roofline" }).click();
    await expect.poll(() => page.evaluate("copied.length"), { timeout: 20_000 }).toBe(3);
    await page.getByRole("button", { name: "Copy as PNG: Speed-up" }).click();
    await expect.poll(() => page.evaluate("copied.length"), { timeout: 20_000 }).toBe(4);
    const [csv, markdown, ...pictures] = await page.evaluate<[string, string, number, number]>("copied");
    const lines = csv.split("\r\n");
    expect(lines[0]).toBe("layer,onnxruntime,tfjs-wasm,im2col-gemm,fft,naive,tfjs-cpu");
    const timing = exampleRecord().timings.find(({ impl, layer }) => impl === "onnxruntime" && layer === "conv1");
    expect(lines[1]?.split(",")[1]).toBe(String(timing?.medianMs));
    expect(markdown).toMatch(/^Speed-up over tfjs-wasm per layer\n\n\| implementation \| conv1 /);
    for (const bytes of pictures) expect(bytes).toBeGreaterThan(5000);
    expect(await page.locator("#roofline .said").textContent()).toBe("Copied");
    await expectSound(opened);
  });

  test("a name with commas, quotes, pipes and a formula leaves as one cell", async () => {
    const name = '=a,"b"|<c>';
    const opened = await open(renamed(exampleRecord(), "fft", name));
    const { page } = opened;
    await page.evaluate(`
      globalThis.copied = [];
      navigator.clipboard.writeText = async (text) => void copied.push(text);`);
    await page.getByRole("button", { name: "Copy as CSV: Ranking" }).click();
    await page.getByRole("button", { name: "Copy as Markdown: Ranking" }).click();
    await expect.poll(() => page.evaluate("copied.length"), { timeout: 20_000 }).toBe(2);
    const [csv, markdown] = await page.evaluate<[string, string]>("copied");
    expect(csv).toContain(`\r\n"'=a,""b""|<c>",passes all checks,`);
    expect(markdown).toContain(`| =a,"b"\\|&#60;c&#62; | passes all checks |`);
    await expectSound(opened);
  });

  test("a live page reloads when the server says so, and keeps its address", async () => {
    const streams: ServerResponse[] = [];
    let command = "first";
    const server = createServer((request, response) => {
      if (request.url === "/events") {
        response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n\n");
        streams.push(response);
      } else {
        response.setHeader("content-type", "text/html; charset=utf-8");
        response.end(request.url === "/" ? renderPage({ ...exampleRecord(), command }, { live: true }) : "");
      }
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    const opened = await open(exampleRecord());
    const { page } = opened;
    try {
      await page.goto(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/#hide=naive&at=method`);
      await expect.poll(() => page.locator("#method code").first().textContent(), { timeout: 20_000 }).toBe("first");
      await expect.poll(() => streams.length).toBe(1);
      command = "second";
      streams[0]?.write("data: changed\n\n");
      await expect.poll(() => page.locator("#method code").first().textContent(), { timeout: 20_000 }).toBe("second");
      expect(await fragment(page)).toBe("#hide=naive&at=method");
      expect(opened.complaints).toEqual([]);
    } finally {
      await page.close();
      server.closeAllConnections();
      server.close();
    }
  });

  test("figures are saved as files where it does not", async () => {
    const opened = await open(exampleRecord());
    const { page } = opened;
    await page.evaluate(`
      navigator.clipboard.writeText = () => Promise.reject(new Error("no"));
      navigator.clipboard.write = () => Promise.reject(new Error("no"));`);
    await drawAll(page);
    for (const [label, start] of [
      ["PNG", "\u0089PNG"],
      ["CSV", "layer,onnxruntime"],
      ["Markdown", "Share of time per layer"],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: `Copy as ${label}: Where the time goes` }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/^alexnet-forward-.*-breakdown\.(png|csv|md)$/);
      expect(readFileSync(await download.path(), "latin1").slice(0, start.length)).toBe(start);
    }
    await expectSound(opened);
  });
});
