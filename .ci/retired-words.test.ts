import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** Words that this project once had of its own, each with the field's word for it. */
const RETIRED: readonly (readonly [word: RegExp, instead: string])[] = [
  [/contender/i, "implementation"],
  [/\bdoors?\b|Doors?\b|\bDOORS?\b/, "variant"],
  [/ledger/i, "expected failures"],
  [/breach/i, "counterexample"],
  [/undertaker/i, "process reaper"],
  [/\bstrangers?\b/i, "foreign process"],
  // A function that is called for each element of a walk is a visitor everywhere.
  [/\bvisits\b|[a-z]Visit\b/, "repetition or batch"],
  [/\bspins?\b|[a-z]Spins?\b|\bspinMs\b/, "calibration loop"],
  // The record's field `anchors` and its method "anchor" keep their names.
  [/(?<!["`\w])anchor(?![s"`\w])|[a-z]Anchors?\b/, "control benchmark"],
  [/stuffing|\bstuffed\b/i, "zero insertion"],
  [/\bcrews?\b|Crews?\b/, "thread pool"],
  [/(?<!@)\bteams?\b|Teams?[A-Z]|[a-z]Teams?\b/, "thread pool"],
  [/[a-z]Judge\b|\bJudge\b|\bthe judge\b/, "checker"],
  [/\bso (?:many|long|much) at most\b|\bat most so (?:many|long|much)\b/, "at most N"],
  [/Neither did a case/, "no counterexample"],
];

/** What reads or shows old records, as the page's bundle does, and what tells of the past, has the old words. */
const MAY_HAVE_THEM =
  /^(?:CHANGELOG\.md|reports\/page\/page\.min\.js|\.ci\/retired-words\.test\.ts|core\/(?:record|testing)\/.*|core\/record[.-].*)$/;
const IS_TEXT = /\.(?:ts|mts|js|mjs|css|md|json|html|sh|yml)$|^\.ci\/run$/;

/** What someone reads: code, output, tests and docs. */
function readFiles(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  return listed
    .toString()
    .split("\n")
    .filter((path) => IS_TEXT.test(path) && path !== "package-lock.json" && !MAY_HAVE_THEM.test(path))
    .filter((path) => existsSync(join(ROOT, path)));
}

test.skipIf(!existsSync(join(ROOT, ".git")))("no file says a retired word: the field has one of its own", () => {
  const found = readFiles().flatMap((path) =>
    readFileSync(join(ROOT, path), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        RETIRED.filter(([word]) => word.test(line)).map(
          ([word, instead]) =>
            `${path}:${index + 1}: ${word.exec(line)?.[0]} → ${instead}: ${line.trim().slice(0, 90)}`,
        ),
      ),
  );
  expect(found).toEqual([]);
});
