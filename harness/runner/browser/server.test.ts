import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { SuiteServer } from "./server.ts";

const [folder, outside] = [mkdtempSync(join(tmpdir(), "benchconv-")), mkdtempSync(join(tmpdir(), "benchconv-"))];
afterAll(() => {
  for (const each of [folder, outside]) rmSync(each, { recursive: true, force: true });
});

test("a link out of the plugin's folder is not followed; one within it is", async () => {
  const plugin = join(folder, "plugin.mjs");
  writeFileSync(plugin, "export default {};");
  writeFileSync(join(folder, "data.bin"), "mine");
  writeFileSync(join(outside, "secret.bin"), "not mine");
  symlinkSync(join(outside, "secret.bin"), join(folder, "link.bin"));
  symlinkSync(outside, join(folder, "linked"));
  symlinkSync(join(folder, "data.bin"), join(folder, "same.bin"));
  const server = await SuiteServer.start();
  try {
    const { url } = server.open(pathToFileURL(plugin).href, 1);
    const statusOf = async (name: string): Promise<number> =>
      (await fetch(`${url}file${pathToFileURL(join(folder, name)).pathname}`)).status;
    expect(await statusOf("data.bin")).toBe(200);
    expect(await statusOf("same.bin")).toBe(200);
    expect(await statusOf("link.bin")).toBe(404);
    expect(await statusOf("linked/secret.bin")).toBe(404);
    expect(await statusOf("none.bin")).toBe(404);
  } finally {
    server.stop();
  }
});
