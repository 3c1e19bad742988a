import { testDatabase } from "#lib/testing/database.ts";
import { describeWrapStoreContract } from "#lib/vault/wrap-counter.contract.ts";
import { createPostgresWrapStore } from "#lib/vault/wrap-counter.ts";

const { pool } = await testDatabase();

describeWrapStoreContract("PostgreSQL", async (initial = {}) => {
  await pool.query("truncate vault_keys");
  for (const [keyId, wraps] of Object.entries(initial)) {
    await pool.query("insert into vault_keys (key_id, wraps) values ($1, $2)", [keyId, wraps]);
  }
  return createPostgresWrapStore((sql, params) => pool.query(sql, [...params]));
});
