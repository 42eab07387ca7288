/** The command line of bubblewrap, which starts a process in namespaces of its own. */
import { existsSync, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ProcessStart } from "../process-reaper.ts";
import type { Tree } from "./tree.ts";

/** What /tmp may hold, in bytes; /dev/shm may hold as much. */
export const TEMPORARY_BYTES = 2 ** 28;

/** Programs and libraries, and what these need to find each other; of /etc nothing that is secret. */
const SYSTEM = [
  ..."/usr /opt /nix /gnu".split(" "),
  ..."ld.so.cache ld.so.conf ld.so.conf.d alternatives localtime vulkan OpenCL glvnd"
    .split(" ")
    .map((n) => `/etc/${n}`),
  // Processors and devices, as libraries of threads and of GPUs look for them.
  ..."bus class dev devices module".split(" ").map((name) => `/sys/${name}`),
];
/** On most systems links into /usr. */
const LINKED = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/** Device files of GPUs. */
function gpus(): readonly string[] {
  const nvidia = existsSync("/dev") ? readdirSync("/dev").filter((name) => name.startsWith("nvidia")) : [];
  return ["dri", "kfd", "dxg", ...nvidia].map((name) => join("/dev", name));
}

/**
 * The same process, where there is no network, and no other process; where nothing can be written but a small /tmp; and
 * where of the file system only the system's libraries and the tree are. `preload` is the environment's LD_PRELOAD,
 * which is not for bubblewrap itself.
 */
export function bubblewrapped(
  { command, args }: ProcessStart,
  bubblewrap: string,
  tree: Tree,
  preload: string | undefined,
): ProcessStart {
  const readable = (path: string): readonly string[] => ["--ro-bind-try", path, path];
  const small = (path: string): readonly string[] => ["--size", String(TEMPORARY_BYTES), "--tmpfs", path];
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "benchconv");
  const options: readonly (readonly string[])[] = [
    ["--die-with-parent", "--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"],
    ...SYSTEM.map(readable),
    ...LINKED.map(linked),
    ["--proc", "/proc", "--dev", "/dev"],
    ...gpus().map((path) => ["--dev-bind-try", path, path]),
    small("/dev/shm"),
    small("/tmp"),
    // The home folder is /tmp, and this is where the costs of `auto` are kept.
    ["--ro-bind-try", cache, "/tmp/.cache/benchconv"],
    ...tree.visible.map(readable),
    ...tree.hidden.map((path) => ["--tmpfs", path, "--remount-ro", path]),
    ["--remount-ro", "/dev", "--remount-ro", "/"],
    ["--chdir", tree.folder ?? "/tmp", "--setenv", "HOME", "/tmp", "--setenv", "TMPDIR", "/tmp"],
    preload === undefined ? [] : ["--setenv", "LD_PRELOAD", preload],
  ];
  return { command: bubblewrap, args: [...options.flat(), "--", command, ...args] };
}

/** One of the system's folders, as the link or the folder that it is. */
function linked(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return lstatSync(path).isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}
