import { expect, test } from "vitest";
import { findTool } from "./find-tool.ts";

test.runIf(process.platform === "linux")("where nothing is installed, what would hold more is told", () => {
  expect(findTool("/nowhere")).toEqual({
    tool: { kind: "permission-model" },
    lacking: [
      "bubblewrap: it is not installed (Debian: apt-get install bubblewrap)",
      "unshare: it is not installed (Debian: apt-get install util-linux)",
    ],
  });
});
