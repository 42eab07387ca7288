export { operandNames, outputNames, shapeOf } from "../reference/shape.ts";
