import fc from "fast-check";
import { expect, test } from "vitest";
import { plainText } from "../core/plain-text.ts";
import { renderCsv } from "./csv.ts";
import { exampleRecord } from "../core/testing/example-record.ts";
import { smallRecord, smallTiming } from "./testing/small-record.ts";

/**
 * A parser of RFC 4180 that shares nothing with the writer: rows of fields; a row that does not end in CRLF is an
 * error.
 */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let [row, field, at, isQuoted]: [string[], string, number, boolean] = [[], "", 0, false];
  while (at < text.length) {
    const character = text[at++];
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (text[at] === '"') field += text[at++];
      else isQuoted = false;
    } else if (character === '"' && field === "") isQuoted = true;
    else if (character === ",") [row, field] = [[...row, field], ""];
    else if (character === "\r" && text[at] === "\n") {
      rows.push([...row, field]);
      [row, field, at] = [[], "", at + 1];
    } else if (character === '"' || character === "\r" || character === "\n")
      throw new Error(`stray character at ${at}`);
    else field += character;
  }
  if (field !== "" || row.length > 0) throw new Error("the last row does not end");
  return rows;
}

/** The rows by the names of the header. */
function cellsOf(text: string): Record<string, string>[] {
  const [header = [], ...rows] = parseCsv(text);
  return rows.map((row) => {
    expect(row).toHaveLength(header.length);
    return Object.fromEntries(header.map((name, column) => [name, row[column] ?? ""]));
  });
}

test("a row per cell, figures at full precision, names as in the record", () => {
  const { timings } = exampleRecord();
  const rows = cellsOf(renderCsv([exampleRecord()]));
  expect(rows).toHaveLength(timings.length);
  for (const [index, row] of rows.entries()) {
    const timing = timings[index];
    expect([row["impl"], row["layer"], row["problem"], row["status"]]).toEqual([
      timing?.impl,
      timing?.layer,
      timing?.problem,
      timing?.status,
    ]);
    const isTimed = timing?.status === "passed";
    const numbers = [timing?.medianMs, timing?.ci95Ms?.[0], timing?.ci95Ms?.[1], timing?.gflops, timing?.margin];
    expect(["medianMs", "ci95Ms.low", "ci95Ms.high", "gflops", "margin"].map((name) => row[name])).toEqual(
      isTimed ? numbers.map(String) : ["", "", "", "", ""],
    );
  }
});

test("the exact text of a small record", () => {
  const fields = { reason: 'a "quoted", reason', minMs: null, ci95Ms: null, margin: Infinity, flags: [] };
  const timings = [smallTiming("=new", "conv2", "forward", { medianMs: 0.1 + 0.2, ...fields })];
  expect(renderCsv([smallRecord({ timings })]).split("\r\n")).toEqual([
    "startedAt,impl,suite,layer,problem,pass,threads,cache,status,reason,verified,multiplicity,kind,layerOf," +
      "medianMs,ci95Ms.low,ci95Ms.high,minMs,fastMs,fastCi95Ms.low,fastCi95Ms.high,p90Ms," +
      "quartilesMs.first,quartilesMs.third,gflops,rounds,samples," +
      "planMs,loadMs,firstCallMs,deviceMs,workspaceBytes,peakMemoryBytes,margin,choice,flags,freshMs",
    '2026-11-20T09:30:00.125Z,\'=new,net,conv2,"mb1_ic2oc2_ih3oh3kh1_n""net:conv2""",forward,1,hot,passed,' +
      '"a ""quoted"", reason",true,3,,,0.30000000000000004,,,,,,,,,,2,1,3,,,,,,,Infinity,,,',
    "",
  ]);
});

test("no time of an output that was not checked", () => {
  const timings = [smallTiming("new", "conv1", "forward", { verified: false })];
  expect(cellsOf(renderCsv([smallRecord({ timings })]))).toMatchObject([
    { verified: "false", status: "passed", medianMs: "", gflops: "", samples: "" },
  ]);
});

const NASTY = ['"', ",", "\r", "\n", "\t", "=", "'", "@", "\0", "\u202e", "\ud800", "\u2028", "é", "a", " "];

test("whatever a plugin is called comes back, and no spreadsheet runs it", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...NASTY) }),
      fc.constantFrom("", "=", "+", "-", "@", "'", '"', "＝"),
      (name, first) => {
        const impl = `${first}${name}`;
        const text = renderCsv([smallRecord({ timings: [smallTiming(impl, "conv1", "forward", { reason: impl })] })]);
        const [row = {}] = cellsOf(text);
        for (const cell of [row["impl"] ?? "", row["reason"] ?? ""]) {
          expect(cell).not.toMatch(/^[=+\-@＝＋－＠\t\r]/);
          expect(cell.replace(/^'/, "")).toBe(plainText(impl));
        }
      },
    ),
  );
});

test("several records in one table are told apart", () => {
  const later = smallRecord();
  const records = [
    smallRecord(),
    { ...later, environment: { ...later.environment, startedAt: "2026-11-21T00:00:00.000Z" } },
  ];
  const starts = cellsOf(renderCsv(records)).map((row) => row["startedAt"]);
  expect(new Set(starts).size).toBe(2);
});
