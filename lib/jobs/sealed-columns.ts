import { connectionColumns } from "#lib/connections/sealed-columns.ts";
import { grantColumns } from "#lib/grants/sealed-columns.ts";
import { factorColumns } from "#lib/second-factor/sealed-columns.ts";
import type { SealedColumn } from "#lib/vault/sealed-column.ts";

/** Every column that holds sealed values, with the place each value opens in. A new one is named here. */
export const sealedColumns: readonly SealedColumn[] = [
  ...connectionColumns,
  ...grantColumns,
  ...factorColumns,
];
