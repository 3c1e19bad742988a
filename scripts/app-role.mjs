// The role the studio works as: it owns nothing, and of the audit trail it can only add to the end.
import pg from "pg";

export const APP_ROLE = "studio_app";

const CREATE = `do $$ begin
  create role ${APP_ROLE} nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
exception when duplicate_object or unique_violation then null; end $$`;

const GRANTS = `
  grant usage on schema public to ${APP_ROLE};
  grant select, insert, update, delete on all tables in schema public to ${APP_ROLE};
  grant usage, select on all sequences in schema public to ${APP_ROLE};
  revoke all on _prisma_migrations from ${APP_ROLE};`;
const AUDIT_GRANTS = `
  revoke all on audit_events, audit_heads from ${APP_ROLE};
  grant select, insert on audit_events, audit_heads to ${APP_ROLE};
  grant update (sequence, hash, updated_at) on audit_heads to ${APP_ROLE};`;
const QUEUE_GRANTS = `
  grant usage on schema pgboss to ${APP_ROLE};
  grant select, insert, update, delete on all tables in schema pgboss to ${APP_ROLE};
  grant usage, select on all sequences in schema pgboss to ${APP_ROLE};
  grant execute on all functions in schema pgboss to ${APP_ROLE};
  alter default privileges in schema pgboss
    grant select, insert, update, delete on tables to ${APP_ROLE};`;

/**
 * Makes the role where it is missing and grants it what the studio needs, after each migration.
 *
 * @param client - connected as the owner of the tables
 * @param mayLogin - the embedded server's role logs in by itself; elsewhere the owner's user becomes it
 * @throws when the owner's user may neither make the role nor become it; says what to run once
 */
export async function grantAppRole(client, { mayLogin }) {
  const { rows } = await client.query("select rolcanlogin from pg_roles where rolname = $1", [
    APP_ROLE,
  ]);
  await asAdministrator(client, async () => {
    if (rows.length === 0) await client.query(CREATE);
    if (mayLogin && !rows[0]?.rolcanlogin) await client.query(`alter role ${APP_ROLE} login`);
    const member = await client.query("select pg_has_role(current_user, $1, 'MEMBER') as is", [
      APP_ROLE,
    ]);
    if (!member.rows[0].is) await client.query(`grant ${APP_ROLE} to current_user`);
  });
  const has = async (name) =>
    (await client.query("select to_regclass($1) is not null as is", [name])).rows[0].is;
  const grants = [GRANTS];
  if (await has("public.audit_heads")) grants.push(AUDIT_GRANTS);
  if (await has("pgboss.job")) grants.push(QUEUE_GRANTS);
  await client.query("begin");
  try {
    await client.query(grants.join("\n"));
    // Who owns the tables may still not own the schema: then the grant was a warning only.
    const usage = await client.query("select has_schema_privilege($1, 'public', 'usage') as is", [
      APP_ROLE,
    ]);
    if (!usage.rows[0].is) {
      throw new Error(
        `${APP_ROLE} may not use the schema; as its owner run once: grant usage on schema public to ${APP_ROLE};`,
      );
    }
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

async function asAdministrator(client, work) {
  try {
    await work();
  } catch (error) {
    const { rows } = await client.query("select current_user as user");
    const user = pg.escapeIdentifier(rows[0].user);
    throw new Error(
      `the studio works as the database role ${APP_ROLE}, and ${rows[0].user} may not make it (${error.message}); as an administrator of the server run once: create role ${APP_ROLE} nologin; grant ${APP_ROLE} to ${user};`,
      { cause: error },
    );
  }
}

/** The address with which the owner's user connects and works as the studio's role. */
export function urlOfAppRole(ownerUrl) {
  const url = new URL(ownerUrl);
  const options = [url.searchParams.get("options"), `-c role=${APP_ROLE}`].filter(Boolean);
  url.searchParams.set("options", options.join(" "));
  return url.href;
}
