/** Opening a record in the page: dropped anywhere on it, or chosen in its footer. */
import { openRecord } from "./data.ts";
import { el } from "./dom.ts";

/** A record that is dropped on the page is shown in it. */
export function listenForRecords(show: () => void): void {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file !== undefined) void open(file, show);
  });
}

/** The same for who has no mouse. */
export function recordChooser(show: () => void): HTMLElement {
  const input = el("input", {
    id: "record",
    type: "file",
    accept: ".json,application/json",
    change: () => {
      const [file] = input.files ?? [];
      if (file !== undefined) void open(file, show);
    },
  });
  const label = el("label", { for: "record" }, "Open another record here, or drop it on the page");
  return el("p", { class: "opener" }, label, input, el("span", { class: "opened", role: "status" }));
}

async function open(file: File, show: () => void): Promise<void> {
  let said = `shows ${file.name}`;
  try {
    openRecord(file.name, await file.text(), show);
  } catch (error) {
    said = error instanceof Error ? error.message : String(error);
  }
  const place = document.querySelector(".opened");
  if (place !== null) place.textContent = said;
}
