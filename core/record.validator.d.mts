/** What does not fit the schema, as ajv says it. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Whether a value fits core/record.schema.json; `errors` are of the last call. */
export declare const validate: ((value: unknown) => boolean) & { readonly errors?: readonly SchemaError[] | null };
