import { expect, test } from "vitest";
import { bubblewrapped } from "./bubblewrap.ts";

const START = { command: "/opt/node", args: ["child.js", "file:///home/me/conv/conv.mjs"] };
const TREE = {
  visible: ["/home/me/conv", "/srv/benchconv/core"],
  hidden: ["/home/me/conv/.benchconv"],
  folder: "/home/me/conv",
};
const { command, args } = bubblewrapped(START, "/usr/bin/bwrap", TREE, "/usr/lib/libasan.so");

/** Where these arguments stand, one after the other; -1 where they do not. */
function indexOf(...wanted: readonly string[]): number {
  return args.findIndex((_, index) => wanted.every((word, at) => args[index + at] === word));
}

test("every namespace is new, without the right to make more, and it ends with the harness", () => {
  expect(command).toBe("/usr/bin/bwrap");
  expect(args).toEqual(
    expect.arrayContaining(["--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent"]),
  );
  expect(indexOf("--cap-drop", "ALL")).toBeGreaterThan(-1);
  expect(args.join(" ")).not.toContain("--share-net");
});

test("the plugin's folder and our code can be read, and nothing can be written but a small /tmp", () => {
  for (const path of TREE.visible) expect(indexOf("--ro-bind-try", path, path)).toBeGreaterThan(-1);
  expect(args.filter((word) => /^--(?:bind|dev-bind|overlay)$/.test(word))).toEqual([]);
  expect(indexOf("--size", "268435456", "--tmpfs", "/tmp")).toBeGreaterThan(-1);
  expect(indexOf("--size", "268435456", "--tmpfs", "/dev/shm")).toBeGreaterThan(-1);
  expect(indexOf("--remount-ro", "/")).toBeGreaterThan(indexOf("--tmpfs", "/tmp"));
  const shown = args.filter((_, index) => args[index - 1]?.startsWith("--ro-bind"));
  expect(
    shown.filter((path) => ["/", "/home", "/etc", "/proc", "/sys", "/var", "/run", "/tmp"].includes(path)),
  ).toEqual([]);
});

test("what is hidden in the folder is covered after the folder is shown", () => {
  const shown = indexOf("--ro-bind-try", "/home/me/conv");
  expect(indexOf("--tmpfs", "/home/me/conv/.benchconv")).toBeGreaterThan(shown);
});

test("the command comes last, in the plugin's folder, and a sanitizer is for it alone", () => {
  expect(args.slice(args.indexOf("--"))).toEqual(["--", START.command, ...START.args]);
  expect(indexOf("--chdir", "/home/me/conv")).toBeGreaterThan(-1);
  expect(indexOf("--setenv", "LD_PRELOAD", "/usr/lib/libasan.so")).toBeGreaterThan(-1);
  expect(indexOf("--setenv", "HOME", "/tmp")).toBeGreaterThan(-1);
});
