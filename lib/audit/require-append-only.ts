import type { Database } from "#lib/db/client.ts";

/**
 * Refuses to work with a database role that could rewrite the audit trail or owns a table (AUD-3):
 * `npm start` makes one that cannot.
 *
 * @throws {Error} says what the role may
 */
export async function requireAppendOnly(db: Database): Promise<void> {
  const [found] = await db.$queryRaw<{ role: string; may_change: boolean; owns: boolean }[]>`
    select current_user as role,
      has_table_privilege('audit_events', 'update, delete, truncate')
        or has_any_column_privilege('audit_events', 'update') as may_change,
      exists (select from pg_tables
        where schemaname = 'public' and tableowner = current_user) as owns`;
  if (!found?.may_change && !found?.owns) return;
  const may = found.may_change ? "may change audit events" : "owns tables";
  throw new Error(
    `the database role ${found.role} ${may}; start with npm start, which works as one that cannot`,
  );
}
