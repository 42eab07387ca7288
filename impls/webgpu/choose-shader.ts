import { directShader, dotShader } from "./direct-shader.ts";
import type { Product } from "./product.ts";
import type { Shader, ShaderOptions } from "./shader-text.ts";
import { tiledShader, type Tile } from "./tiled-shader.ts";

/** The kernel that computes a product. */
type Kernel =
  | { readonly kind: "tiled"; readonly tile: Tile }
  | { readonly kind: "direct"; readonly lanes: "columns" | "rows" }
  | { readonly kind: "dot" };

/** With fewer workgroups than this a large GPU is not fully used, so that sums are cut into slices. */
const ENOUGH_WORKGROUPS = 256;
/** With at most this many rows or columns tiles do not pay. */
const FEW = 8;

function kernelFor({ rows, columns, depth, groups, aRow }: Product): Kernel {
  if (columns <= FEW && aRow !== 1) return { kind: "dot" };
  if (rows * columns <= 16 * FEW && depth >= 1024) return { kind: "dot" };
  if (rows <= FEW) return { kind: "direct", lanes: "columns" };
  if (columns <= FEW) return { kind: "direct", lanes: "rows" };
  const tiles = (tileRows: number, tileColumns: number): number =>
    Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns) * groups;
  if (rows > 64 && tiles(128, 64) >= 2 * ENOUGH_WORKGROUPS)
    return { kind: "tiled", tile: { rows: 128, columns: 64, threadRows: 8 } };
  const [tileRows, tileColumns] = [rows <= 16 ? 16 : rows <= 32 ? 32 : 64, columns <= 32 ? 32 : 64];
  return {
    kind: "tiled",
    tile: { rows: tileRows, columns: tileRows === 16 ? 2 * tileColumns : tileColumns, threadRows: 4 },
  };
}

/** The kernel's name, for the plan's choice. */
export function kernelName(product: Product): string {
  const kernel = kernelFor(product);
  switch (kernel.kind) {
    case "tiled":
      return `tiles of ${kernel.tile.rows} × ${kernel.tile.columns}`;
    case "direct":
      return `direct by ${kernel.lanes}`;
    case "dot":
      return "dot products";
  }
}

/** The shader of a product. */
export function shaderFor(product: Product, options: ShaderOptions): Shader {
  const kernel = kernelFor(product);
  switch (kernel.kind) {
    case "tiled":
      return tiledShader(product, options, kernel.tile);
    case "direct":
      return directShader(product, options, kernel.lanes);
    case "dot":
      return dotShader(product, options);
  }
}

/**
 * In how many slices each product's sum is cut: enough to use a large GPU, but few enough that adding the slices costs
 * little.
 */
export function splitsOf(products: readonly Product[], outElements: number, mostBytes: number): number {
  const options = { storage: "f32", splits: 1, firstSlice: 0, outElements, bias: false } as const;
  const workgroups = products.reduce((sum, product) => sum + shaderFor(product, options).workgroups, 0);
  const shortest = Math.max(
    ...products.map((product) => product.depth / (kernelFor(product).kind === "dot" ? 2048 : 128)),
  );
  const fitting = Math.min(mostBytes, 2 ** 28) / (4 * outElements);
  return Math.max(1, Math.floor(Math.min(ENOUGH_WORKGROUPS / workgroups, shortest, fitting)));
}
