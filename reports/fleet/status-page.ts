import { plainText } from "../../core/plain-text.ts";
import type { FleetStatus } from "../../harness/fleet/client.ts";
import { counted } from "../format.ts";
import { document, escaped, POLICY, table } from "./html.ts";

const REFRESH_SECONDS = 5;

interface Shown extends FleetStatus {
  readonly suites: readonly { readonly suite: string; readonly cells: number }[];
}

/** What the fleet does now, as a page that draws itself anew. */
export function renderStatus(status: Shown): { readonly html: string; readonly policy: string } {
  const suites = status.suites.map(
    ({ suite, cells }) =>
      `<li><a href="suite/${encodeURIComponent(suite)}">${escaped(suite)}</a>, ${counted(cells, "cell")}</li>`,
  );
  const parts = [
    `<p>${escaped(summaryOf(status))}</p>`,
    table(LABEL_HEAD, labelRows(status), 2),
    "<h2>Workers</h2>",
    table(WORKER_HEAD, workerRows(status)),
    ...(status.lost.length === 0 ? [] : ["<h2>Given up</h2>", table(LOST_HEAD, lostRows(status))]),
    ...(suites.length === 0 ? [] : [`<h2>History</h2><ul>${suites.join("")}</ul>`]),
  ];
  return { html: document("benchconv fleet", parts.join("\n"), REFRESH_SECONDS), policy: POLICY };
}

/** The same as text. */
export function statusText(status: FleetStatus): string {
  const parts = [
    aligned(LABEL_HEAD, labelRows(status)),
    aligned(WORKER_HEAD, workerRows(status)),
    ...(status.lost.length === 0 ? [] : [aligned(LOST_HEAD, lostRows(status))]),
  ];
  return `${summaryOf(status)}\n\n${parts.join("\n")}`;
}

const LABEL_HEAD = ["Label", "Kind", "Units", "Done", "Failed", "Given up", "Left"];
const WORKER_HEAD = ["Worker", "Labels", "Unit", "Seen"];
const LOST_HEAD = ["Unit", "Label", "Reason"];

/** A worker that was not seen for longer may be gone. */
const PRESENT_SECONDS = 30;

function summaryOf({ labels, workers }: FleetStatus): string {
  const sum = (of: (label: FleetStatus["labels"][number]) => number): number =>
    labels.reduce((total, label) => total + of(label), 0);
  const present = workers.filter(({ seenSecondsAgo }) => seenSecondsAgo < PRESENT_SECONDS).length;
  return `${sum(({ done }) => done)} of ${counted(
    sum(({ units }) => units),
    "unit",
  )} done, ${counted(present, "worker")}`;
}

function labelRows({ labels, workers }: FleetStatus): readonly (readonly string[])[] {
  return labels.map(({ label, kind, units, done, failed, lost, leftMs }) => {
    const able = workers.filter((one) => one.seenSecondsAgo < PRESENT_SECONDS && one.labels.includes(label)).length;
    // A machine times one round at a time, however many workers it has.
    const beside = kind === "bench" ? Math.min(1, able) : able;
    const left = done + lost >= units ? "–" : beside === 0 ? "no worker" : `${Math.ceil(leftMs / 1000 / beside)} s`;
    return [label, kind, String(units), String(done), String(failed), String(lost), left];
  });
}

function workerRows({ workers }: FleetStatus): readonly (readonly string[])[] {
  return workers.map(({ name, labels, unit, seenSecondsAgo }) => [
    name,
    labels.join(", "),
    unit?.slice(0, 12) ?? "–",
    `${Math.round(seenSecondsAgo)} s ago`,
  ]);
}

function lostRows({ lost }: FleetStatus): readonly (readonly string[])[] {
  return lost.map(({ id, label, reason }) => [id.slice(0, 12), label, reason]);
}

function aligned(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map(plainText));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
