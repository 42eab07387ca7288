import { el, button } from "./figure.ts";
import type { State } from "./state.ts";

let number = 0;

/** A slider that sets a state; arrow keys move it. */
export function slider(
  label: string,
  state: State<number>,
  {
    min,
    max,
    step = 1,
    text = String,
  }: {
    readonly min: number;
    readonly max: number | (() => number);
    readonly step?: number;
    readonly text?: (value: number) => string;
  },
): HTMLElement {
  const id = `slider-${++number}`;
  const output = el("output", { for: id });
  const input = el("input", {
    id,
    type: "range",
    min: String(min),
    step: String(step),
    input: () => state.set(Number(input.value)),
  });
  const draw = (): void => {
    input.max = String(typeof max === "number" ? max : max());
    input.value = String(state.value);
    output.value = text(state.value);
    input.setAttribute("aria-valuetext", output.value);
  };
  state.onChange(draw);
  draw();
  return el("span", { class: "slider" }, el("label", { for: id }, label), input, output);
}

/** A choice between a few words. */
export function chooser<Word extends string>(
  label: string,
  state: State<Word>,
  words: readonly (readonly [Word, string])[],
): HTMLElement {
  const buttons = words.map(([word, text]) => ({ word, element: button(text, () => state.set(word)) }));
  const draw = (): void => {
    for (const { word, element } of buttons) element.setAttribute("aria-pressed", String(word === state.value));
  };
  state.onChange(draw);
  draw();
  return el("span", { class: "chooser", role: "group", "aria-label": label }, ...buttons.map(({ element }) => element));
}

const STEP_MS = 900;

/** Back, play and on, through `count()` steps; the arrow keys go too while it has the focus. */
export function stepper(label: string, state: State<number>, count: () => number): HTMLElement {
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    play.textContent = "▶ play";
  };
  const go = (by: number): void => state.set(Math.min(count() - 1, Math.max(0, state.value + by)));
  const play = button("▶ play", () => {
    if (timer !== undefined) return stop();
    if (state.value >= count() - 1) state.set(0);
    play.textContent = "❚❚ stop";
    timer = setInterval(() => {
      go(1);
      if (state.value >= count() - 1) stop();
    }, STEP_MS);
  });
  const [back, on] = [button("◀ back", () => go(-1)), button("step ▶", () => go(1))];
  const place = el("span", { class: "place" });
  const draw = (): void => {
    place.textContent = `${state.value + 1} of ${count()}`;
    back.disabled = state.value === 0;
    on.disabled = state.value >= count() - 1;
  };
  state.onChange(draw);
  draw();
  const keys = (event: Event): void => {
    if (!(event instanceof KeyboardEvent)) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    go(by);
  };
  return el("span", { class: "stepper", role: "group", "aria-label": label, keydown: keys }, back, play, on, place);
}
