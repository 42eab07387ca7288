import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { completionScript } from "./scripts.ts";

const COMMANDS = [
  { name: "verify", help: "check it", options: ["impl", "impl-list", "time"] },
  { name: "version", help: "it's there", options: [] },
];

function completedByBash(words: readonly string[]): string {
  const given = words.map((word) => `'${word}'`).join(" ");
  const script = `${completionScript("bash", COMMANDS)}
COMP_WORDS=(benchconv ${given}); COMP_CWORD=${words.length}; _benchconv; echo "\${COMPREPLY[@]}"`;
  return spawnSync("bash", ["-c", script], { encoding: "utf8" }).stdout.trim();
}

test("bash completes commands, and the options of each", () => {
  expect(completedByBash(["ver"])).toBe("verify version");
  expect(completedByBash(["verify", "--im"])).toBe("--impl --impl-list");
  expect(completedByBash(["version", "--im"])).toBe("");
});

test("zsh reads bash's, fish has a line an option", () => {
  expect(completionScript("zsh", COMMANDS)).toContain("bashcompinit");
  const fish = completionScript("fish", COMMANDS);
  expect(fish).toContain("-a version -d 'it\\'s there'");
  expect(fish).toContain("__fish_seen_subcommand_from verify' -l time");
});
