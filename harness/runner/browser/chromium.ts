import { chromium, type Browser } from "playwright-core";
import { plainText } from "../../../core/plain-text.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { CHROMIUM_FLAGS, findChromium } from "./find-chromium.ts";

/** Which graphics a browser has: a GPU's, or a software driver's that computes on the processor. */
export type Graphics = "gpu" | "software";

const GRAPHICS_FLAGS: Readonly<Record<Graphics, readonly string[]>> = {
  gpu: ["--enable-features=Vulkan"],
  software: ["--use-webgpu-adapter=swiftshader", "--enable-unsafe-swiftshader"],
};

/** Long enough for a loaded machine. */
const LAUNCH_LIMIT_MS = 120_000;

/** Starts Chromium without a window, its collector exposed and WebGPU allowed. */
export async function launchChromium(graphics: Graphics): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new UsageError("--browser needs Chromium: apt-get install chromium, or CHROMIUM_PATH=/path/to/chrome");
  try {
    return await chromium.launch({
      executablePath,
      timeout: LAUNCH_LIMIT_MS,
      args: [...CHROMIUM_FLAGS, "--js-flags=--expose-gc", "--enable-unsafe-webgpu", ...GRAPHICS_FLAGS[graphics]],
      // Ctrl-C is the harness's: it keeps what was timed, then ends what it started.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  } catch (error) {
    const [first = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new UsageError(`${plainText(executablePath)} does not start: ${plainText(first)}`);
  }
}

/**
 * Whether a browser that was started for a GPU found one, asked of WebGPU; `url` is any page that it may open on this
 * machine.
 */
export async function hasGpu(browser: Browser, url: string): Promise<boolean> {
  const page = await browser.newPage();
  try {
    await page.goto(url);
    const isGpu: unknown = await page.evaluate(`(async () => {
      const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
      return adapter != null && !adapter.info.isFallbackAdapter && !/swiftshader|llvmpipe/i.test(JSON.stringify(adapter.info.architecture));
    })()`);
    return isGpu === true;
  } finally {
    await page.close();
  }
}
