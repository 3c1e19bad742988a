import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { hashPassword } from "#lib/auth/password.ts";
import { Secret } from "#lib/core/secret.ts";
import { withDatabase } from "./database.ts";
import { owner, studioUrl } from "./studio.ts";

export type Person = { name: string; email: string; password: string };

/** A member without a second factor, for tests that sign in by a password alone. */
export const colleague: Person = {
  name: "Noor Haddad",
  email: "noor@studio.example",
  password: "seven gravel swans by lamplight",
};

/** Puts somebody into the first owner's team, past invitations: for tests about something else. */
export async function addPerson(
  person: Person,
  role: "owner" | "admin" | "member" = "member",
): Promise<void> {
  const passwordHash = await hashPassword(new Secret(person.password));
  const id = randomUUID();
  await withDatabase(async (client) => {
    await client.query(
      "insert into users (id, email, name, password_hash, password_changed_at, created_at) values ($1, $2, $3, $4, now(), now())",
      [id, person.email, person.name, passwordHash],
    );
    await client.query(
      'insert into memberships (team_id, user_id, role, created_at) select m.team_id, $1, $2::"Role", now() from memberships m join users u on u.id = m.user_id where u.email = $3',
      [id, role, owner.email],
    );
  });
}

export async function removePerson(person: Person): Promise<void> {
  await withDatabase((client) =>
    client.query("delete from users where email = $1", [person.email]),
  );
}

/** Signs in by the form, as far as the password leads. */
export async function signInAs(
  page: Page,
  person: Pick<Person, "email" | "password">,
  returnTo = "/integrations",
): Promise<void> {
  await page.goto(`${studioUrl}/sign-in?returnTo=${encodeURIComponent(returnTo)}`);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Lets a person's sign-in be an hour old. */
export async function ageSession(person: Person): Promise<void> {
  await withDatabase((client) =>
    client.query(
      "update sessions set created_at = created_at - interval '1 hour' where user_id = (select id from users where email = $1)",
      [person.email],
    ),
  );
}

/** Lets a person have proven themselves just now, however long the journeys before took. */
export async function freshenSession(email: string): Promise<void> {
  await withDatabase((client) =>
    client.query(
      `update sessions set confirmed_at = now(),
         second_factor_at = case when second_factor_at is null then null else now() end
       where ended_at is null and user_id = (select id from users where email = $1)`,
      [email],
    ),
  );
}
