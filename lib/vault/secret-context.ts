/**
 * The one place where a sealed value opens (VA-2). Every field is bound; a value moved to another
 * row, owner, tenant or use, or under an edited definition, does not open.
 */
export type SecretContext = {
  table: string;
  column: string;
  rowId: string;
  ownerId: string | null;
  teamId: string;
  provider: string | null;
  tenantHost: string | null;
  clientId: string | null;
  /** What it is: `refresh_token`, `client_secret`, `code_verifier` … */
  kind: string;
};

const fields = [
  "table",
  "column",
  "rowId",
  "ownerId",
  "teamId",
  "provider",
  "tenantHost",
  "clientId",
  "kind",
] as const satisfies readonly (keyof SecretContext)[];

const absent = 0;
const present = 1;

function encodeField(value: string | null): Buffer {
  if (value === null) return Buffer.of(absent);
  if (!value.isWellFormed()) throw new TypeError("a secret's context must be well-formed Unicode");
  const text = Buffer.from(value, "utf8");
  const head = Buffer.alloc(5);
  head.writeUInt8(present, 0);
  head.writeUInt32BE(text.byteLength, 1);
  return Buffer.concat([head, text]);
}

/**
 * The context as bytes for GCM's associated data. Each field has its length before it and null is
 * not the empty text, so no two contexts, nor two labels, encode alike.
 */
export function encodeContext(label: string, context: SecretContext): Buffer {
  return Buffer.concat([
    encodeField(label),
    ...fields.map((field) => {
      const value: unknown = context[field];
      if (value !== null && typeof value !== "string") {
        throw new TypeError(`a secret's context needs ${field}`);
      }
      return encodeField(value);
    }),
  ]);
}
