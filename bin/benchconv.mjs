#!/usr/bin/env node
// The installed command: `benchconv COMMAND [options]`. Plain JavaScript that an old Node reads too, to say what it lacks.
import { existsSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const OLDEST = [22, 18];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  console.error(`benchconv: it needs Node ${OLDEST.join(".")} or newer, this is ${process.versions.node}`);
  process.exit(2);
}

// Starting takes longer without compiled code; never in our own folder.
if (process.env.NODE_COMPILE_CACHE === undefined) {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "benchconv", "node");
  module.enableCompileCache(folder);
  process.env.NODE_COMPILE_CACHE = folder;
}
// What shows a failure again is said as it is typed here.
const isInProject = process.env.npm_command === "exec" || /[\\/]\.bin[\\/]/.test(process.argv[1] ?? "");
process.env.BENCHCONV_COMMAND ??= isInProject ? "npx benchconv" : "benchconv";

const root = fileURLToPath(new URL("../", import.meta.url));
const extension = existsSync(join(root, "scripts", "benchconv.js")) ? "js" : "ts";
await import(pathToFileURL(join(root, "scripts", `benchconv.${extension}`)).href);
