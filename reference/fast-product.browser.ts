/** In a browser the plain loops do, which are bit for bit the same: fast-product.test.ts. */
export { addProductPlainly as addProduct } from "./matrix-product.ts";
