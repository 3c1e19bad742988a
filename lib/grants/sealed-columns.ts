import { connectionOfRow, grantOfRow, providerOfRow } from "#lib/connections/repository.ts";
import {
  pendingTokenContext,
  refreshTokenContext,
  revocationContext,
  verifierContext,
} from "#lib/grants/secrets.ts";
import { rowsAfter, type SealedColumn } from "#lib/vault/sealed-column.ts";

/** Where this room keeps sealed values, of everybody's. */
export const grantColumns: readonly SealedColumn[] = [
  {
    table: "grants",
    column: "refresh_token_sealed",
    async page(db, of) {
      const rows = await db.grant.findMany({
        ...rowsAfter("refreshTokenSealed", of),
        include: { connection: true },
      });
      return rows.map(({ connection, ...grant }) => ({
        id: grant.id,
        sealed: grant.refreshTokenSealed ?? "",
        context: () =>
          refreshTokenContext({ ...grantOfRow(grant), connection: connectionOfRow(connection) }),
      }));
    },
  },
  {
    table: "flows",
    column: "verifier_sealed",
    // Of a sign-in that ran out, nobody will ask for it.
    needed: "status = 'waiting' and expires_at > now()",
    async page(db, of) {
      const rows = await db.flow.findMany(rowsAfter("verifierSealed", of));
      return rows.map((row) => ({
        id: row.id,
        sealed: row.verifierSealed ?? "",
        context: () => verifierContext({ ...row, provider: providerOfRow(row.provider) }),
      }));
    },
  },
  {
    table: "flows",
    column: "pending_refresh_token_sealed",
    async page(db, of) {
      const rows = await db.flow.findMany(rowsAfter("pendingRefreshTokenSealed", of));
      return rows.map((row) => ({
        id: row.id,
        sealed: row.pendingRefreshTokenSealed ?? "",
        context: () => pendingTokenContext({ ...row, provider: providerOfRow(row.provider) }),
      }));
    },
  },
  {
    table: "revocations",
    column: "token_sealed",
    async page(db, of) {
      const rows = await db.revocation.findMany(rowsAfter("tokenSealed", of));
      return rows.map((row) => ({
        id: row.id,
        sealed: row.tokenSealed ?? "",
        context: () => revocationContext({ ...row, provider: providerOfRow(row.provider) }),
      }));
    },
  },
];
