// Runs its arguments on the Node that package.json pins: `node scripts/pinned-node.mjs scripts/bench.ts --quick`.
// npm 11 links that Node into node_modules/.bin, where npm's scripts find it by themselves; npm 10 loses the link,
// because the packages for other platforms have a link of the same name. Where there is no such package (macOS), the
// machine's own Node is used if it is new enough. Plain JavaScript, since that Node may not read TypeScript.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

const oldest = [22, 18];

/** The pinned Node's path, or undefined where none is installed. */
function pinnedNode() {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve(`node-${platform}-${process.arch}/package.json`);
    return join(dirname(manifest), require(manifest).bin.node);
  } catch {
    return undefined;
  }
}

const [major, minor] = process.versions.node.split(".").map(Number);
const pinned = pinnedNode();
if (pinned === undefined && (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))) {
  const needed = `benchconv needs Node ${oldest.join(".")} or newer, this is ${process.versions.node}`;
  console.error(`${needed}; npm ci brings one for Linux and Windows`);
  process.exit(2);
}

const node = pinned ?? process.execPath;
process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`;
// Starting takes a second otherwise, most of it spent on stripping types.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "../node_modules/.cache/node");
const child = spawn(node, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    // Ctrl-C on a terminal reaches the child without us.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
}
// By default this signal opens a debugger in this process, to whoever is on this machine.
if (process.platform !== "win32") process.on("SIGUSR1", () => {});
child.on("error", (error) => {
  console.error(`cannot start ${node}: ${error.message}`);
  process.exit(2);
});
child.on("exit", (status, signal) => {
  if (signal === null) process.exit(status);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
