import { totpContext } from "#lib/second-factor/secrets.ts";
import { rowsAfter, type SealedColumn } from "#lib/vault/sealed-column.ts";

/** Where this room keeps sealed values, of everybody's. */
export const factorColumns: readonly SealedColumn[] = [
  {
    table: "second_factors",
    column: "secret_sealed",
    async page(db, of) {
      const rows = await db.secondFactor.findMany({
        ...rowsAfter("secretSealed", of),
        select: { id: true, userId: true, secretSealed: true },
      });
      return rows.map((row) => ({
        id: row.id,
        sealed: row.secretSealed ?? "",
        context: () => totpContext(row),
      }));
    },
  },
];
