import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { deploy } from "#scripts/deploy.mjs";
import { deployQueue } from "#scripts/deploy-queue.mjs";
import { start } from "#scripts/postgres.mjs";
import type { TrailEvent } from "./history.ts";

/** A committed version of a grant, its token still sealed. */
export type SealedVersion = {
  grantId: string;
  generation: number;
  tokenVersion: number;
  state: "active" | "needs_reconnect" | "disconnected";
  reason: string | null;
  sealed: string | null;
  committedAtMs: number;
};

export type ChaosDatabase = {
  /** As the studio's role. */
  readonly url: string;
  /** Where it listens. */
  readonly socket: string;
  /** The same as `url` over a port, so that the numbers an instance takes are known for its own. */
  urlBy(instance: string, port: number): string;
  /** A client of its own, as the database's owner; it outlives the server without a word. */
  connect(): Promise<pg.Client>;
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Stops the server: orderly, or as a power cut does. */
  stop(how: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
  /** Ends every connection of the studio's role. @returns how many */
  endConnections(): Promise<number>;
  /**
   * Holds a grant's row so that nobody changes it.
   *
   * @returns how to let go
   */
  holdGrant(grantId: string): Promise<() => Promise<void>>;
  /** Every version of every grant that was committed, in the order of the commits. */
  versions(): Promise<SealedVersion[]>;
  events(): Promise<TrailEvent[]>;
  close(): Promise<void>;
};

/** Keeps each version of a grant beside it, in the transaction that makes it. */
const KEEP_VERSIONS = `
  create schema chaos;
  create table chaos.versions (
    n bigserial primary key, xid xid8 not null default pg_current_xact_id(), grant_id uuid not null,
    generation int not null, token_version int not null, state text not null, reason text,
    sealed text);
  create function chaos.keep_version() returns trigger language plpgsql security definer as $$
  begin
    insert into chaos.versions (grant_id, generation, token_version, state, reason, sealed)
    values (new.id, new.generation, new.token_version, new.state, new.reason, new.refresh_token_sealed);
    return null;
  end $$;
  create trigger keep_inserted after insert on grants for each row
    execute function chaos.keep_version();
  create trigger keep_updated after update on grants for each row
    when ((old.generation, old.token_version, old.state, old.reason, old.refresh_token_sealed)
      is distinct from
      (new.generation, new.token_version, new.state, new.reason, new.refresh_token_sealed))
    execute function chaos.keep_version();`;

const startLimitMs = 30_000;

/** A PostgreSQL of the run's own, migrated, which notes when each transaction was committed. */
export async function startDatabase(dataDir: string): Promise<ChaosDatabase> {
  const open = () =>
    start(dataDir, { settings: { track_commit_timestamp: "on", max_connections: "100" } });
  let server = await open();
  await deployQueue(server.config);
  await deploy(server.config, { appMayLogin: true });
  const { url } = server;
  const pool = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis: 5_000 });
  pool.on("error", () => {}); // the run stops the server now and then
  await pool.query(KEEP_VERSIONS);

  const query = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
    (await pool.query<Row>(text, values)).rows;
  const connect = async () => {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  const { host, port } = server.config;
  return {
    url: server.appUrl,
    socket: `${host}/.s.PGSQL.${port ?? 5432}`,
    urlBy(instance, through) {
      const inner = new URL(server.appUrl);
      const by = new URL(`postgresql://127.0.0.1:${through}${inner.pathname}`);
      by.username = inner.username;
      by.searchParams.set("options", `-c chaos.instance=${instance}`);
      return by.href;
    },
    connect,
    query,
    async stop(how) {
      process.kill(server.pid, how === "fast" ? "SIGINT" : "SIGQUIT");
      while (isAlive(server.pid)) await wait(10);
    },
    async start() {
      server = await open();
      for (const began = Date.now(); ; await wait(50)) {
        try {
          await pool.query("select 1");
          return;
        } catch (error) {
          if (Date.now() - began > startLimitMs) throw error;
        }
      }
    },
    async endConnections() {
      const rows = await query(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'studio_app'",
      );
      return rows.length;
    },
    async holdGrant(grantId) {
      const client = await connect();
      await client.query("begin");
      await client.query("select 1 from grants where id = $1 for update", [grantId]);
      return () => client.end().catch(() => {});
    },
    async versions() {
      const rows = await query<SealedVersion & { committed: string }>(
        `select grant_id as "grantId", generation, token_version as "tokenVersion", state, reason,
           sealed, extract(epoch from pg_xact_commit_timestamp(xid::xid)) * 1000 as committed
         from chaos.versions order by pg_xact_commit_timestamp(xid::xid), n`,
      );
      return rows.map(({ committed, ...row }) => ({ ...row, committedAtMs: Number(committed) }));
    },
    async events() {
      return query<TrailEvent>(
        `select action,
           case when action like 'agent_key.%' then detail->>'keyId' else target_id::text end
             as "targetId",
           result = 'success' as "isSuccess"
         from audit_events order by team_id, sequence`,
      );
    },
    async close() {
      await pool.end();
      await server.stop();
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
