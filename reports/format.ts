/** Three significant digits without exponent where people read it at a glance: 0.0123, 1.23, 12.3, 123, 1234. */
export function significant(value: number): string {
  if (!Number.isFinite(value) || value === 0) return String(value);
  // Rounded first: 9.999 is 10.0, not 10.00.
  const magnitude = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(3)))));
  if (magnitude < -4 || magnitude > 6) return value.toExponential(2);
  return value.toFixed(Math.max(0, 2 - magnitude));
}

/** Half the 95 % interval's wider side relative to the median, as "±1.7 %"; empty where there is no interval. */
export function relativeInterval(medianMs: number, interval: readonly [number, number] | null): string {
  if (interval === null || !(medianMs > 0)) return "";
  const percent = (100 * Math.max(interval[1] - medianMs, medianMs - interval[0])) / medianMs;
  return `±${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** A share in [0, 1] as "27 %", with one digit below ten. */
export function percentage(share: number): string {
  const percent = 100 * share;
  return `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/**
 * Error ÷ bound with two significant digits, more where they would round to the bound itself; "–" where nothing was
 * checked.
 */
export function marginText(margin: number | null): string {
  if (margin === null) return "–";
  if (!Number.isFinite(margin) || margin === 0) return String(margin);
  if (margin < 0.001 || margin >= 10000) return margin.toExponential(1);
  const digits = [2, 3, 4, 5, 6, 7, 8].find((count) => margin === 1 || Number(margin.toPrecision(count)) !== 1);
  return String(Number(margin.toPrecision(digits ?? 17)));
}

/** A number as it must be typed to be the same float64, −0 included. */
export function exactNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** "1 layer", "8 layers". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** "a", "a and b", "a, b and c", "a, b and 5 more". */
export function listed(items: readonly string[], most = 3): string {
  const shown = items.length > most ? [...items.slice(0, most - 1), `${items.length - most + 1} more`] : items;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}
