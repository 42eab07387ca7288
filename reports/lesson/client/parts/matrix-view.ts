import { el, shown } from "./figure.ts";

/** How a cell is marked: in the window, the result, padding, or pale. */
export type Mark = "window" | "result" | "padding" | "pale" | "second";

export interface MatrixModel {
  readonly label: string;
  /** Undefined: not computed yet. */
  readonly rows: readonly (readonly (number | undefined)[])[];
  readonly mark?: (row: number, column: number) => Mark | undefined;
  /** A small text in a cell, such as the weight that lies on it. */
  readonly note?: (row: number, column: number) => string | undefined;
  /** Makes the cells editable; called with the new rows. */
  readonly edit?: ((rows: readonly (readonly number[])[]) => void) | undefined;
  readonly digits?: number;
  /** Names of rows or columns. */
  readonly rowNames?: readonly string[];
  readonly columnNames?: readonly string[];
}

/** `<matrix-view>`: a matrix of numbers, whose cells may be marked, annotated and edited. */
export class MatrixView extends HTMLElement {
  #form = "";
  #cells: HTMLTableCellElement[][] = [];
  #model: MatrixModel | undefined;

  show(model: MatrixModel): this {
    this.#model = model;
    const { rows, label, edit, rowNames, columnNames } = model;
    const form = JSON.stringify([rows.map(({ length }) => length), label, edit !== undefined, rowNames, columnNames]);
    if (form !== this.#form) this.#build(model);
    this.#form = form;
    rows.forEach((values, row) => values.forEach((value, column) => this.#fill(model, row, column, value)));
    return this;
  }

  #build({ rows, label, rowNames, columnNames }: MatrixModel): void {
    this.#cells = rows.map((values) => values.map(() => el("td")));
    const head =
      columnNames === undefined
        ? null
        : el(
            "tr",
            {},
            rowNames === undefined ? null : el("td", { class: "corner" }),
            ...columnNames.map((name) => el("th", { scope: "col" }, name)),
          );
    const body = this.#cells.map((cells, row) =>
      el("tr", {}, rowNames === undefined ? null : el("th", { scope: "row" }, rowNames[row] ?? ""), ...cells),
    );
    this.replaceChildren(el("table", {}, el("caption", {}, label), head, ...body));
  }

  #fill(model: MatrixModel, row: number, column: number, value: number | undefined): void {
    const cell = this.#cells[row]?.[column];
    if (cell === undefined) return;
    cell.className = model.mark?.(row, column) ?? "";
    const text = value === undefined ? "" : shown(value, model.digits);
    const note = model.note?.(row, column);
    if (model.edit === undefined) {
      cell.replaceChildren(text, note === undefined ? "" : el("small", {}, note));
      return;
    }
    const known = cell.querySelector("input");
    const input = known ?? this.#input(model.label, row, column);
    if (known === null) cell.replaceChildren(input);
    if (document.activeElement !== input) input.value = String(value ?? 0);
    cell.querySelector("small")?.remove();
    if (note !== undefined) cell.append(el("small", {}, note));
  }

  #input(label: string, row: number, column: number): HTMLInputElement {
    const input = el("input", {
      type: "text",
      inputmode: "decimal",
      "aria-label": `${label}, row ${row + 1}, column ${column + 1}`,
      input: () => {
        const value = Number(input.value.replace(",", ".").replace("−", "-"));
        const { rows, edit } = this.#model ?? {};
        input.setAttribute("aria-invalid", String(!Number.isFinite(value) || input.value.trim() === ""));
        if (!Number.isFinite(value) || input.value.trim() === "" || rows === undefined) return;
        edit?.(rows.map((values, r) => values.map((old, c) => (r === row && c === column ? value : (old ?? 0)))));
      },
    });
    return input;
  }
}
customElements.define("matrix-view", MatrixView);

export function matrixView(): MatrixView {
  return new MatrixView();
}
