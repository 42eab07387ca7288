import { commandLine } from "../../core/command-line.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { DEFAULT_THRESHOLD } from "../../harness/bench/compare/verdict.ts";
import { changesOf } from "../../harness/fleet/change-points.ts";
import { ServerAway } from "../../harness/fleet/client.ts";
import { renderRegressions } from "../../reports/fleet/regressions.ts";
import { EXIT, main } from "../cli/main.ts";
import { clientOf, SERVER_OPTIONS, TOKEN_TEXT } from "./server-options.ts";

const DAY_MS = 24 * 3_600_000;

const OPTIONS = {
  ...SERVER_OPTIONS,
  since: { value: "DATE|DAYS", help: "changes that began then or later: 2026-11-30, or 7 for a week (default 7)" },
  suite: { value: "NAME", help: "only of this suite" },
  threshold: { value: "PERCENT", help: "a smaller change is not reported (default 2.5)" },
} as const;

const USAGE = `${commandLine("fleet", ["regressions [options]"])}
What got slower in the history, as Markdown for a bot; exit 3 where something did. ${TOKEN_TEXT}`;

await main({ usage: USAGE, options: OPTIONS }, async (parsed) => {
  const percent = parsed.number("threshold", { min: 0, max: 1000, integer: false });
  const threshold = percent === undefined ? DEFAULT_THRESHOLD : percent / 100;
  const since = sinceOf(parsed.text("since") ?? "7");
  const series = await clientOf(parsed)
    .history(parsed.text("suite"))
    .catch((error: unknown) => {
      if (error instanceof ServerAway) throw new UsageError(error.message);
      throw error;
    });
  const changes = series.flatMap((one) => changesOf(one, threshold)).filter(({ after }) => after.startedAt >= since);
  process.stdout.write(renderRegressions(changes, since));
  return changes.some(({ ratio }) => ratio > 1) ? EXIT.slower : EXIT.ok;
});

/** As ISO 8601, UTC. */
function sinceOf(text: string): string {
  const days = /^\d{1,5}$/.test(text) ? Number(text) : undefined;
  const at = days === undefined ? Date.parse(text) : Date.now() - days * DAY_MS;
  if (Number.isNaN(at)) throw new UsageError(`--since must be a date or a number of days, got "${plainText(text)}"`);
  return new Date(at).toISOString();
}
