import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import { statusOf } from "../../core/file-status.ts";
import { UsageError } from "../../core/usage-error.ts";
import { contentHash, type PluginSource } from "./unit.ts";

/**
 * The selector of a plugin: its name, or the path of its file, which is fetched with those beside it where they are not
 * in `folder` yet. A file is what its hash says, whatever a server gives.
 */
export async function selectorOf(
  plugin: PluginSource,
  folder: string,
  fetchFile: (hash: string) => Promise<Uint8Array>,
): Promise<string> {
  if (plugin.kind === "own") return plugin.name;
  const home = join(folder, contentHash(JSON.stringify(plugin.files)));
  if (statusOf(home) === undefined) {
    const temporary = `${home}.${randomUUID()}`;
    for (const { path, hash } of plugin.files) {
      const content = await fetchFile(hash);
      if (contentHash(content) !== hash) throw new UsageError(`the server's file ${path} is not what its hash says`);
      mkdirSync(dirname(join(temporary, path)), { recursive: true });
      writeFileSync(join(temporary, path), content);
    }
    try {
      renameSync(temporary, home);
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      // Another worker was faster.
      if (statusOf(home) === undefined) throw error;
    }
  }
  return join(home, plugin.entry);
}
