/** A summation tree as a drawing: sequences on the left, the root on the right. */

type Drawn = { readonly label: string } | { readonly children: readonly Drawn[] };

const ROW = 20;
const STEP = 26;
const LABEL = 190;
/** A tree of more sequences is not drawn. */
const MOST_ROWS = 64;

/** The tree of a finding's text as SVG; undefined where it is cut off, or has too many parts. */
export function treePicture(text: string): string | undefined {
  const parsed = parse(text);
  if (parsed === undefined) return undefined;
  const rows = rowsOf(parsed);
  if (rows > MOST_ROWS) return undefined;
  const depth = depthOf(parsed);
  const parts: string[] = [];
  let row = 0;
  /** Draws it, and gives where it ends. */
  const draw = (drawn: Drawn): { readonly x: number; readonly y: number } => {
    if ("label" in drawn) {
      const y = ROW * row++ + 14;
      parts.push(`<text x="${LABEL - 6}" y="${y + 4}" text-anchor="end">${drawn.label}</text>`);
      return { x: LABEL, y };
    }
    const ends = drawn.children.map(draw);
    const x = LABEL + STEP * depthOf(drawn);
    const ys = ends.map((end) => end.y);
    const y = (Math.min(...ys) + Math.max(...ys)) / 2;
    for (const end of ends) parts.push(`<path d="M${end.x} ${end.y}H${x}V${y}"/>`);
    return { x, y };
  };
  const { x, y } = draw(parsed);
  parts.push(`<path d="M${x} ${y}H${x + STEP}"/>`);
  const [width, height] = [LABEL + STEP * (depth + 1) + 10, ROW * rows + 8];
  return `<svg role="img" aria-label="Summation tree" viewBox="0 0 ${width} ${height}" width="${width}">${parts.join("")}</svg>`;
}

/** `(a b)` and `[0..8]`, as `harness/identify/tree-text.ts` writes them. */
function parse(text: string): Drawn | undefined {
  const tokens = text.match(/\(|\)|\[[\d.: \-a-z]*\]|[\da-z]+/g) ?? [];
  if (tokens.join("") !== text.replaceAll(/ (?![^[]*\])/g, "")) return undefined;
  let at = 0;
  const one = (): Drawn | undefined => {
    const token = tokens[at++];
    if (token === undefined || token === ")") return undefined;
    if (token !== "(") return { label: token.replaceAll(/[[\]]/g, "") };
    const children: Drawn[] = [];
    while (tokens[at] !== ")") {
      const child = one();
      if (child === undefined) return undefined;
      children.push(child);
    }
    at++;
    return { children };
  };
  const drawn = one();
  return at === tokens.length ? drawn : undefined;
}

function rowsOf(drawn: Drawn): number {
  return "label" in drawn ? 1 : drawn.children.reduce((sum, child) => sum + rowsOf(child), 0);
}

function depthOf(drawn: Drawn): number {
  return "label" in drawn ? 0 : 1 + Math.max(0, ...drawn.children.map(depthOf));
}
