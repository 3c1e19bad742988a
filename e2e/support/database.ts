import pg from "pg";
import { start } from "#scripts/postgres.mjs";
import { dataDir } from "./studio.ts";

/** Runs `work` on the studio's own database, which keeps running afterwards. */
export async function withDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const server = await start(dataDir);
  const client = new pg.Client({ connectionString: server.url });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
    await server.stop();
  }
}

/** Every row of every table, as text. */
export async function dumpDatabase(): Promise<string> {
  return withDatabase(async (client) => {
    const tables = await client.query<{ name: string }>(
      "select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'",
    );
    const parts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      parts.push(name, ...rows.map(({ row }) => row));
    }
    return parts.join("\n");
  });
}

/** Lets a waiting sign-in run out of time now. */
export async function expireFlow(flowId: string): Promise<void> {
  await withDatabase((client) =>
    client.query("update flows set expires_at = now() - interval '1 second' where id = $1", [
      flowId,
    ]),
  );
}
