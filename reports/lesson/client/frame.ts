/** What every page has: type size, light and dark, print, and keys. */

const SIZE = "benchconv-lesson-size";
const THEME = "benchconv-lesson-theme";
const [LEAST, MOST] = [0.75, 2.5];

const root = document.documentElement;

/** What this browser kept for us; nothing where it keeps nothing for files. */
function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser may keep nothing for files.
  }
}

let size = Number(kept(SIZE) ?? 1) || 1;

function resize(factor: number): void {
  size = Math.min(MOST, Math.max(LEAST, size * factor));
  root.style.fontSize = `${100 * size}%`;
  keep(SIZE, String(size));
}

function setTheme(theme: string): void {
  root.dataset["theme"] = theme;
  keep(THEME, theme);
}

function otherTheme(): void {
  const isDark =
    root.dataset["theme"] === "dark" ||
    (root.dataset["theme"] === undefined && matchMedia("(prefers-color-scheme: dark)").matches);
  setTheme(isDark ? "light" : "dark");
}

const TOOLS: Readonly<Record<string, () => void>> = {
  smaller: () => resize(1 / 1.15),
  larger: () => resize(1.15),
  theme: otherTheme,
  print: () => print(),
};

const KEYS: Readonly<Record<string, () => void>> = {
  "+": () => resize(1.15),
  "=": () => resize(1.15),
  "-": () => resize(1 / 1.15),
  d: otherTheme,
  n: () => follow("next"),
  p: () => follow("prev"),
};

function follow(rel: "next" | "prev"): void {
  document.querySelector<HTMLAnchorElement>(`a[rel=${rel}]`)?.click();
}

/** Gives the page its tools and keys, and what the reader chose earlier. */
export function startFrame(): void {
  const theme = kept(THEME);
  if (theme === "light" || theme === "dark") setTheme(theme);
  if (size !== 1) resize(1);
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-tool]"))
    button.addEventListener("click", () => TOOLS[button.dataset["tool"] ?? ""]?.());
  addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLElement && event.target.matches("input[type=text], textarea, select");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    KEYS[event.key]?.();
  });
}
