import { expect, test } from "vitest";
import { readRecord } from "../core/record-file.ts";
import { OLD_RECORD } from "../core/testing/old-record.ts";
import { renderCsv } from "./csv.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderPage } from "./page/render.ts";
import { renderTerminal } from "./terminal.ts";

test("a record of version 0.1 is drawn in every form", () => {
  const record = readRecord(OLD_RECORD);
  const terminal = renderTerminal(record, { columns: 120, colour: false, layers: true });
  expect(terminal).toMatch(/^lenet5, forward, 1 thread, hot cache, batch 1$/m);
  // The implementation's own layer beside plain TypeScript's.
  expect(terminal).toMatch(/^relu1 {2,}0\.0980 .*0\.0186 .* ts /m);
  expect(terminal).toMatch(/^end to end .*1\.27×.*0\.93×/m);
  expect(renderMarkdown(record)).toMatch(
    /\| relu1 \| 0\.0980 ms<br>– · 0\.3 % \| 0\.0186 ms<br>– · 0\.0 % · \*ts\* \|/,
  );
  const csv = renderCsv([record]).split("\r\n");
  expect(csv).toHaveLength(1 + record.timings.length + 1);
  expect(csv.filter((row) => row.includes(",implementation,"))).toHaveLength(2);
  expect(renderPage(record)).toContain('"impl":"tfjs-cpu"');
});
