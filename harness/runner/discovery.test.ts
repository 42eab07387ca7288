import { expect, test } from "vitest";
import type { Outcome } from "./channel.ts";
import { findImplementations } from "./discovery.ts";

/** Answers for every plugin file that it computes on a software driver. */
async function onSoftware(url: string): Promise<Outcome<"describe">> {
  const name = url
    .split("/")
    .slice(url.endsWith("/index.ts") ? -2 : -1)[0]!
    .replace(/\.ts$/, "");
  return {
    kind: "answer",
    answer: {
      impls: [
        {
          name,
          algorithm: "gemm",
          precision: "float32",
          arithmetic: "ieee",
          passes: ["forward"],
          software: "SwiftShader",
        },
      ],
    },
    tensors: {},
    wallMs: 1,
  };
}

test("what has a software driver in place of a GPU is left out, with the reason, unless it is named", async () => {
  const [byDefault] = await findImplementations([], { describe: onSoftware });
  expect(byDefault?.description.unavailable).toMatch(/only a software adapter \(SwiftShader\).*--impl auto/);
  const [byGlob] = await findImplementations(["naiv*"], { describe: onSoftware });
  expect(byGlob?.description.unavailable).toContain("--impl naive");
  const [named] = await findImplementations(["naive"], { describe: onSoftware });
  expect(named?.description).toMatchObject({ software: "SwiftShader" });
  expect(named?.description.unavailable).toBeUndefined();
});
