import { clientSecretContext } from "#lib/connections/connection.ts";
import { connectionOfRow } from "#lib/connections/repository.ts";
import { rowsAfter, type SealedColumn } from "#lib/vault/sealed-column.ts";

/** Where this room keeps sealed values, of everybody's. */
export const connectionColumns: readonly SealedColumn[] = [
  {
    table: "connections",
    column: "client_secret_sealed",
    async page(db, of) {
      const rows = await db.connection.findMany(rowsAfter("clientSecretSealed", of));
      return rows.map((row) => ({
        id: row.id,
        sealed: row.clientSecretSealed ?? "",
        context: () => clientSecretContext(connectionOfRow(row)),
      }));
    },
  },
];
