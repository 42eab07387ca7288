import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";

/**
 * Holds a database's folder for this process, because two would write over each other; gives what lets it go. A holder
 * that was killed does not hold it any more.
 * @throws UsageError while another process holds it
 */
export function holdFolder(folder: string): () => void {
  const path = join(folder, "server.pid");
  const holder = holderOf(path);
  if (holder !== undefined)
    throw new UsageError(`${plainText(folder)} is served by process ${holder} already; one server for each folder`);
  writeFileSync(path, `${process.pid}\n`);
  return () => rmSync(path, { force: true });
}

function holderOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
