import {
  Type,
  type Static,
  type TObject,
  type TProperties,
  type TSchema,
  type TSchemaOptions,
  type TUnsafe,
} from "typebox";

/** A named part of the record's schema, which stands in the schema's `$defs`. */
export interface Part<Schema extends TSchema> {
  readonly name: string;
  readonly schema: Schema;
  /** A reference to the part, with a title or description of its own where it needs one. */
  readonly ref: (options?: TSchemaOptions) => TUnsafe<Static<Schema>>;
}

export function part<Schema extends TSchema>(name: string, schema: Schema): Part<Schema> {
  return {
    name,
    schema,
    ref: (options = {}) => Type.Unsafe<Static<Schema>>({ $ref: `#/$defs/${name}`, ...options }),
  };
}

/** An object without other properties than these. */
export function closed<Properties extends TProperties>(
  title: string,
  description: string,
  properties: Properties,
): TObject<Properties> {
  return Type.Object(properties, { title, description, additionalProperties: false });
}

/** A number that is not negative. */
export function amount(title: string, description?: string) {
  return Type.Number({ title, ...(description === undefined ? {} : { description }), minimum: 0 });
}

/** A number that is not negative, or null. */
export function amountOrNull(title: string, description: string) {
  return Type.Unsafe<number | null>({ title, description, type: ["number", "null"], minimum: 0 });
}

/** [low, high], neither negative, or null. */
export function intervalOrNull(title: string, description: string) {
  const end = { type: "number", minimum: 0 };
  const pair = { type: "array", prefixItems: [end, end], items: false, minItems: 2, maxItems: 2 };
  return Type.Unsafe<readonly [number, number] | null>({ title, description, anyOf: [pair, { type: "null" }] });
}

export function text(title: string, description?: string) {
  return Type.String({ title, ...(description === undefined ? {} : { description }) });
}

/** A count from one up. */
export function positive(title: string, description?: string) {
  return Type.Integer({ title, ...(description === undefined ? {} : { description }), minimum: 1 });
}
