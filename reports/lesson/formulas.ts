/** Formulas as HTML, made when the site is built: the pages need no script for them, and load nothing. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import katex from "katex";

/** The fonts that the lesson's formulas use, and the classes of KaTeX that would need another one. */
const FONTS = ["Main-Regular", "Math-Italic", "Size1-Regular", "Size2-Regular", "Size3-Regular"];
const OTHER_CLASSES =
  "mathbf mathit boldsymbol amsrm mathbb mathcal mathfrak mathscr mathsf mathtt texttt textbf textit";
const OTHER_FONTS = new RegExp(`class="[^"]*\\b(${OTHER_CLASSES.replaceAll(" ", "|")}|delimsizing size4)\\b`);

/**
 * HTML with `$…$` and `$$…$$` replaced by formulas (KaTeX, with MathML for screen readers).
 * @throws Error for a formula that KaTeX does not read, or whose font the pages lack
 */
export function withFormulas(html: string): string {
  const rendered = (text: string, displayMode: boolean): string => {
    const made = katex.renderToString(text, {
      displayMode,
      throwOnError: true,
      output: "htmlAndMathml",
      strict: "error",
    });
    const other = OTHER_FONTS.exec(made)?.[1];
    if (other !== undefined) throw new Error(`the formula ${text} needs the font of ${other}`);
    return made;
  };
  return html
    .replaceAll(
      /\$\$([^$]+)\$\$/g,
      (_, text: string) => `<div class="formula" tabindex="0">${rendered(text, true)}</div>`,
    )
    .replaceAll(/\$([^$]+)\$/g, (_, text: string) => rendered(text, false));
}

/** KaTeX's style, with the fonts inside. */
export function formulaStyle(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("katex/dist/katex.min.css"));
  const style = readFileSync(join(folder, "katex.min.css"), "utf8");
  return style.replaceAll(/@font-face\{[^}]*\}/g, (rule) => {
    const name = /fonts\/KaTeX_([\w-]+)\.woff2/.exec(rule)?.[1] ?? "";
    if (!FONTS.includes(name)) return "";
    const bytes = readFileSync(join(folder, "fonts", `KaTeX_${name}.woff2`)).toString("base64");
    return rule.replace(/src:[^}]*/, `src:url(data:font/woff2;base64,${bytes}) format("woff2")`);
  });
}
