/** One field of an operation's form, as its JSON Schema describes it. */
export type SchemaField = {
  name: string;
  label: string;
  help: string | null;
  isRequired: boolean;
  /** `line`, `text`: words, short and long; `json`: whatever a form has no better field for. */
  kind: "line" | "text" | "number" | "boolean" | "choice" | "json";
  choices: readonly string[];
  /** As the schema gives it. */
  standard: unknown;
};

type Schema = Readonly<Record<string, unknown>>;
/** What the form holds: text of every field, true or false of a box. */
export type FormValues = Readonly<Record<string, string | boolean>>;

const LONG_TEXT_FROM = 500;

const record = (value: unknown): Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : {};
const names = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];

/** The fields of an operation's input, in its own order. */
export function fieldsOf(input: Schema): SchemaField[] {
  const required = new Set(names(input.required));
  return Object.entries(record(input.properties)).map(([name, given]) => {
    const schema = withoutNull(record(given));
    const choices = names(schema.enum);
    return {
      name,
      label: labelOf(name),
      help:
        typeof record(given).description === "string" ? String(record(given).description) : null,
      isRequired: required.has(name) && schema.default === undefined,
      kind: kindOf(schema, choices),
      choices,
      standard: record(given).default,
    };
  });
}

/** `anyOf: [it, null]` is it. */
function withoutNull(schema: Schema): Schema {
  if (!Array.isArray(schema.anyOf)) return schema;
  const others = schema.anyOf.map(record).filter(({ type }) => type !== "null");
  return others.length === 1 ? { ...schema, ...others[0] } : schema;
}

function kindOf(schema: Schema, choices: readonly string[]): SchemaField["kind"] {
  if (choices.length > 0) return "choice";
  switch (schema.type) {
    case "boolean":
      return "boolean";
    case "integer":
    case "number":
      return "number";
    case "string": {
      const most = typeof schema.maxLength === "number" ? schema.maxLength : Number.MAX_VALUE;
      return most >= LONG_TEXT_FROM ? "text" : "line";
    }
    default:
      return "json";
  }
}

/** `customerKey` → "Customer key". */
export function labelOf(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/[_-]+/g, " ")
    .toLowerCase();
  return (words.charAt(0).toUpperCase() + words.slice(1)).replaceAll(
    /\b(soql|html|id|mid|url)\b/gi,
    (word) => (word.toLowerCase() === "id" ? "ID" : word.toUpperCase()),
  );
}

/** What a form begins with: an input, as text. */
export function valuesOf(fields: readonly SchemaField[], input: unknown): FormValues {
  const given = record(input);
  return Object.fromEntries(
    fields.map(({ name, kind, standard }) => {
      const value = given[name] ?? standard;
      if (kind === "boolean") return [name, value === true];
      if (value === undefined || value === null) return [name, ""];
      return [name, kind === "json" ? JSON.stringify(value, null, 2) : String(value)];
    }),
  );
}

export type FormInput =
  | { kind: "input"; input: Record<string, unknown> }
  | { kind: "refused"; errors: Readonly<Record<string, string>> };

/**
 * The input that a form says. What is left empty is left out; everything else the operation's own schema
 * judges, on the server.
 */
export function inputOf(fields: readonly SchemaField[], values: FormValues): FormInput {
  const input: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const { name, kind, isRequired } = field;
    const value = values[name];
    if (typeof value === "boolean") input[name] = value;
    else if (value === undefined || value.trim() === "") {
      if (isRequired) errors[name] = `Fill in ${field.label.toLowerCase()}.`;
    } else if (kind === "number") {
      const number = Number(value);
      if (Number.isFinite(number)) input[name] = number;
      else errors[name] = "Write a number.";
    } else if (kind === "json") {
      try {
        input[name] = JSON.parse(value);
      } catch {
        errors[name] = "This is not JSON yet: a comma, quote or bracket is missing or too much.";
      }
    } else input[name] = value;
  }
  return Object.keys(errors).length > 0 ? { kind: "refused", errors } : { kind: "input", input };
}
