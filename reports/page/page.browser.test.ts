import { describe, expect, test } from "vitest";
import type { RunRecord } from "../../core/record.ts";
import { encodeRecord } from "../../core/record-file.ts";
import { exampleRecord, renamed } from "../../core/testing/example-record.ts";
import { exampleAxes, exampleHistory, largeRecord } from "../testing/example-runs.ts";
import { coloursOf, drawAll, executablePath, expectSound, unfoldAll, useBrowser } from "./open-in-browser.ts";

const HOSTILE = "<img src=x onerror=alert(1)>";
const [oldest] = exampleHistory();
const EVERYTHING = { ...(oldest === undefined ? {} : { baseline: oldest }), history: exampleHistory() };

if (executablePath === undefined) {
  process.stderr.write(
    "the page's browser tests are skipped: no Chromium in the usual places; set CHROMIUM_PATH or " +
      "apt-get install chromium\n",
  );
}

// Long enough for a machine that is busy with other things.
const timeout = 120_000;

describe.skipIf(executablePath === undefined)("the page in Chromium", { timeout }, () => {
  const open = useBrowser();

  test("says the answer and draws every chart, light and dark, at every width", async () => {
    for (const [width, colorScheme] of [
      [1280, "light"],
      [820, "dark"],
      [390, "light"],
    ] as const) {
      const opened = await open(exampleAxes(), { ...EVERYTHING, width, colorScheme });
      expect(await opened.page.locator("h1").textContent()).toMatch(/^onnxruntime is fastest/);
      await drawAll(opened.page);
      const colours = await coloursOf(opened.page);
      // Comparison, side by side, bars, pies, published, times, rates, roofline, accuracy, samples, batch, threads,
      // trend.
      expect(colours).toHaveLength(13);
      for (const count of colours) expect(count).toBeGreaterThan(20);
      await expectSound(opened);
    }
  });

  test("every table is there, and unfolding them all scrolls only inside their boxes", async () => {
    const opened = await open(exampleRecord(), { width: 390 });
    await drawAll(opened.page);
    await unfoldAll(opened.page);
    const rows = opened.page.getByRole("region", { name: /Median time per layer/ }).locator("tbody tr");
    expect(await rows.count()).toBe(8);
    const detail = opened.page.getByRole("region", { name: "Every time in detail" }).locator("tbody tr");
    expect(await detail.count()).toBe(47);
    await expectSound(opened);
  });

  test("every section is drawn without scrolling", async () => {
    const opened = await open(exampleRecord());
    await opened.page.waitForSelector("#samples .chart canvas");
    await opened.page.waitForSelector("#method dl");
    const { page } = opened;
    expect(await page.evaluate<number>("scrollY")).toBe(0);
    // A record that is dropped on the page, or chosen, is shown in it; what is no record is said, and nothing changes.
    const record = exampleAxes();
    const text = encodeRecord({
      ...record,
      command: "dropped",
      // One sample is sixty times as long: it does not set the scale.
      timings: record.timings
        .filter(({ impl }) => impl !== "onnxruntime")
        .map((timing) => ({
          ...timing,
          launches: timing.launches.map((launch, round) => ({
            ...launch,
            samplesMs: launch.samplesMs.map((ms, sample) => (round === 1 && sample === 2 ? 60 * ms : ms)),
          })),
        })),
    });
    await page.evaluate(`{
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([${JSON.stringify(text)}], "dropped.json"));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }`);
    await expect.poll(() => page.locator(".opened").textContent()).toBe("shows dropped.json");
    expect(await page.locator("h1").textContent()).toMatch(/^tfjs-wasm is fastest/);
    await drawAll(page);
    expect(await page.locator("#method code").first().textContent()).toBe("dropped");
    const samples = page.locator("#samples .chart canvas");
    expect(await samples.getAttribute("aria-label")).toMatch(/; ▲ beyond the scale: \S+ ms\. The data table/);
    const [first] = record.timings;
    const broken = { ...record, timings: [{ ...first, launches: 3 }] };
    for (const [name, content, said] of [
      ["x.json", "{", /^x\.json is not a record: it is not whole JSON/],
      ["x.json", '{"schema":"benchconv/9"}', /^x\.json is a record of version benchconv\/9; /],
      ["broken.json", JSON.stringify(broken), /./],
    ] as const) {
      await page.setInputFiles("#record", { name, mimeType: "application/json", buffer: Buffer.from(content) });
      await expect.poll(() => page.locator(".opened").textContent()).toMatch(said);
      expect(await page.locator("h1").textContent()).toMatch(/^tfjs-wasm is fastest/);
      expect(await page.locator("#method").count()).toBe(1);
    }
    await expectSound(opened);
  });

  test("a change of theme draws the charts again", async () => {
    const opened = await open(exampleRecord());
    const { page } = opened;
    await page.locator("#breakdown").scrollIntoViewIfNeeded();
    await page.waitForSelector("#breakdown .chart canvas");
    const picture = () => page.evaluate<string>(`document.querySelector("#breakdown canvas").toDataURL()`);
    const light = await picture();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(picture).not.toBe(light);
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(picture).toBe(light);
    await expectSound(opened);
  });

  test("paper is light, has every section and every fold, and the screen comes back", async () => {
    const opened = await open(exampleRecord(), { colorScheme: "dark" });
    const { page } = opened;
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator("main > :not(#samples) details:not([open])").count()).toBe(0);
    expect(await page.locator("#samples details[open]").count()).toBe(0);
    expect(await page.getByRole("region", { name: "Every check" }).locator("tbody tr").count()).toBeGreaterThan(40);
    const background = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    expect(await background()).toBe("rgb(251, 251, 248)");
    const pdf = await page.pdf();
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await background()).not.toBe("rgb(251, 251, 248)");
    expect(await page.locator("main details[open]").count()).toBe(0);
    await expectSound(opened);
  });

  test("nothing that a plugin wrote runs", async () => {
    const hostile = renamed(exampleRecord(), "im2col-gemm", HOSTILE);
    const record: RunRecord = {
      ...hostile,
      command: HOSTILE,
      impls: hostile.impls.map((impl) => ({ ...impl, version: HOSTILE, reason: HOSTILE, description: HOSTILE })),
      timings: hostile.timings.map((timing) => ({
        ...timing,
        layer: `</script>${HOSTILE}${timing.layer}`,
        flags: [{ kind: "drift", message: HOSTILE, advice: HOSTILE }],
      })),
    };
    const opened = await open(record, { width: 390 });
    await drawAll(opened.page);
    await unfoldAll(opened.page);
    expect(await opened.page.locator("img, iframe").count()).toBe(0);
    expect(await opened.page.locator(".ranking").first().textContent()).toContain(HOSTILE);
    await expectSound(opened);
  });

  test("records with little or much in them", async () => {
    const record = exampleRecord();
    const { ceilings: _c, comparisons: _d, ...bare } = record;
    const nulls = record.timings.map((timing) => ({
      ...timing,
      medianMs: null,
      minMs: null,
      ci95Ms: null,
      gflops: null,
    }));
    const fft = record.timings.filter(({ impl }) => impl === "fft");
    const many = Array.from({ length: 16 }, (_, index) => `implementation-with-a-long-name-${index}`);
    const records: readonly RunRecord[] = [
      { ...bare, timings: [] },
      { ...bare, checks: [] },
      { ...bare, impls: [], checks: [], timings: [] },
      { ...record, timings: nulls },
      { ...record, timings: record.timings.filter(({ layer }) => layer === "fc8") },
      { ...record, timings: fft.map((timing) => ({ ...timing, ci95Ms: null, gflops: null, problem: "no problem" })) },
      {
        ...record,
        impls: many.map((name) => ({ name, algorithm: "direct", status: "passed" })),
        timings: many.flatMap((impl) =>
          fft.map((timing) => ({ ...timing, impl, layer: `${"a_node_of_an_onnx_model_".repeat(4)}${timing.layer}` })),
        ),
      },
    ];
    for (const each of records) {
      const opened = await open(each, { width: 390 });
      await drawAll(opened.page);
      for (const count of await coloursOf(opened.page)) expect(count).toBeGreaterThan(1);
      await expectSound(opened);
    }
  });

  test("a record of 20 000 timings: the answer stands, a large view shows its heaviest layers and finds the others", async () => {
    const opened = await open(largeRecord(20_000));
    const { page } = opened;
    expect(await page.locator("h1").textContent()).toMatch(/^onnxruntime is fastest/);
    expect(await page.locator("#axis-suite option").count()).toBe(18);
    expect(await page.locator(".filtered").textContent()).toBe("60 of 200 layers: those that take the most time");
    await page.locator(".filter > summary").click();
    await page.fill("#layer-filter", "fc8-2?");
    expect(await page.locator(".filtered").textContent()).toBe("5 of 200 layers");
    await drawAll(page);
    expect(await page.locator(".heat tbody tr").first().locator("td").count()).toBe(5);
    await expectSound(opened);
  });
});
