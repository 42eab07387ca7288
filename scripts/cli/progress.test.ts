import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProgressLines } from "./progress.ts";

let [written, nowMs]: [string, number] = ["", 0];
beforeEach(() => {
  [written, nowMs] = ["", 0];
  vi.stubGlobal("performance", { now: () => nowMs });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test.skipIf(process.stderr.isTTY)(
  "where stderr is no terminal, work that takes long says a line every ten seconds",
  () => {
    const lines = new ProgressLines();
    for (nowMs = 0; nowMs <= 25_000; nowMs += 500) {
      lines.update("a", `a ${nowMs}`);
      lines.heartbeat("b", `b ${nowMs}`);
      if (nowMs >= 3000) lines.heartbeat("c", `c ${nowMs}`);
    }
    expect(written).toBe("b 10000\nc 13000\nb 20000\nc 23000\n");
  },
);
