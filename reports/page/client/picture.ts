import { font } from "./chart-parts.ts";
import { cssVariable, drawMark } from "./theme.ts";

/** What a picture shows, in CSS pixels, and what explains its marks: an implementation's place or a colour. */
export interface Subject {
  readonly width: number;
  readonly height: number;
  readonly paint: (context: CanvasRenderingContext2D) => void;
}
export interface KeyItem {
  readonly name: string;
  readonly colour?: string;
  readonly place?: number;
}

/** A chart as it stands in the page. */
export function chartSubject(canvas: HTMLCanvasElement): Subject {
  const { clientWidth: width, clientHeight: height } = canvas;
  return { width, height, paint: (context) => context.drawImage(canvas, 0, 0, width, height) };
}

/** A table as it stands in the page: each cell's colour and text at its place. */
export function tableSubject(table: HTMLTableElement): Subject {
  const frame = table.getBoundingClientRect();
  const paint = (context: CanvasRenderingContext2D) => {
    context.textBaseline = "middle";
    for (const cell of table.querySelectorAll("th, td")) {
      const box = cell.getBoundingClientRect();
      const style = getComputedStyle(cell);
      const [left, top] = [box.left - frame.left, box.top - frame.top];
      context.fillStyle = style.backgroundColor;
      context.fillRect(left, top, box.width, box.height);
      const isCentred = style.textAlign === "center";
      context.textAlign = isCentred ? "center" : "left";
      context.fillStyle = style.color;
      context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      context.fillText(cell.textContent ?? "", isCentred ? left + box.width / 2 : left, top + box.height / 2);
    }
  };
  return { width: frame.width, height: frame.height, paint };
}

const MARGIN = 24;

/** A PNG with title, background and key, so that it can be read without the page. */
export function pictureOf(
  subject: Subject,
  { title, note, key }: { title: string; note: string; key: readonly KeyItem[] },
): Promise<Blob> {
  const scale = devicePixelRatio || 1;
  const width = subject.width + 2 * MARGIN;
  const sheet = document.createElement("canvas");
  const context = sheet.getContext("2d");
  if (!context) throw new Error("this browser draws no pictures");
  const rows = keyRows(context, key, subject.width);
  const top = MARGIN + 46;
  const height = top + subject.height + 16 + 22 * rows.length + MARGIN;
  [sheet.width, sheet.height] = [Math.round(width * scale), Math.round(height * scale)];
  context.scale(scale, scale);
  context.fillStyle = cssVariable("--paper");
  context.fillRect(0, 0, width, height);
  context.textBaseline = "alphabetic";
  context.fillStyle = cssVariable("--ink");
  context.font = font(17, 650);
  context.fillText(title, MARGIN, MARGIN + 14);
  context.fillStyle = cssVariable("--muted");
  context.font = font(12.5);
  context.fillText(note, MARGIN, MARGIN + 34, subject.width);
  context.save();
  context.translate(MARGIN, top);
  subject.paint(context);
  context.restore();
  rows.forEach((row, index) => drawKey(context, row, top + subject.height + 24 + 22 * index));
  return new Promise((done, failed) => sheet.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture")))));
}

const KEY_GAP = 20;

/** The key's items in rows of a width. */
function keyRows(context: CanvasRenderingContext2D, items: readonly KeyItem[], width: number) {
  context.font = font(13);
  const rows: { item: KeyItem; x: number }[][] = [];
  let x = width;
  for (const item of items) {
    const room = 22 + context.measureText(item.name).width + KEY_GAP;
    if (x + room > width + KEY_GAP) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ item, x });
    x += room;
  }
  return rows;
}

function drawKey(context: CanvasRenderingContext2D, row: readonly { item: KeyItem; x: number }[], y: number): void {
  for (const { item, x } of row) {
    const left = MARGIN + x;
    if (item.place !== undefined) drawMark(context, item.place, left + 8, y - 4, 5);
    else {
      context.fillStyle = item.colour ?? "";
      context.fillRect(left + 1, y - 11, 13, 13);
    }
    context.fillStyle = cssVariable("--ink");
    context.font = font(13);
    context.fillText(item.name, left + 22, y);
  }
}
