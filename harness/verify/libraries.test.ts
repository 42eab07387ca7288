import { describe, expect, test, vi } from "vitest";
import { PASSES } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { builtInFiles, findImplementations } from "../runner/discovery.ts";
import { runVerify } from "./run.ts";

const LIBRARIES = builtInFiles()
  .filter(({ language }) => language !== "javascript")
  .map(({ name }) => name);

describe("libraries that npm does not install", () => {
  test("run where they are named or matched, and not by default", async () => {
    expect(LIBRARIES).toEqual(["numpy", "onednn", "openblas-im2col", "pytorch", "scipy-fft", "xnnpack"]);
    const asked = async (selectors: readonly string[]): Promise<readonly string[]> => {
      const urls: string[] = [];
      await findImplementations(selectors, {
        describe: async (url) => {
          urls.push(url);
          return { kind: "threw", reason: "no" };
        },
      }).catch(() => {});
      return urls;
    };
    expect(await asked(["nump[y]"])).toEqual([expect.stringMatching(/^cmd:.*numpy/)]);
    expect((await asked([])).filter((url) => !url.endsWith(".ts"))).toEqual([]);
  });

  test("say what installs them where they are missing", async () => {
    vi.stubEnv("CC", "no-such-compiler");
    vi.stubEnv("PYTHON", "no-such-python");
    const [onednn] = await findImplementations(["onednn"]);
    expect(onednn?.description.unavailable).toContain("there is no compiler");
    const [numpy] = await findImplementations(["numpy"]);
    expect(numpy?.description.unavailable).toContain("the command ended with status 127");
    vi.unstubAllEnvs();
  });

  test("hold, those that are installed", async ({ skip }) => {
    const found = await findImplementations(LIBRARIES);
    const installed = found.filter(({ description }) => description.unavailable === undefined);
    if (installed.length === 0) return skip("none is installed");
    const { checks } = await runVerify(
      installed,
      { passes: PASSES, seed: 1, budgetMs: 0, cases: 3, laws: ["agreement"], causeMs: 0, bail: false, threads: 1 },
      [],
      { onCase: () => {}, onCheck: () => {}, onWarning: () => {} },
      new AbortController().signal,
    );
    const isMissing = ({ impl, pass }: CheckEntry): boolean => impl === "xnnpack" && pass !== "forward";
    expect(checks.map(({ impl, pass, status }) => `${impl} ${pass} ${status}`)).toEqual(
      checks.map((check) => `${check.impl} ${check.pass} ${isMissing(check) ? "unsupported" : "passed"}`),
    );
    return expect(checks).toHaveLength(PASSES.length * installed.length);
  });
});
