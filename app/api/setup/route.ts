import { setUpSchema } from "#lib/auth/schema.ts";
import { Secret } from "#lib/core/secret.ts";
import { deps } from "#lib/deps.ts";
import { publicRoute } from "#lib/http/user-route.ts";
import { setUpFirstOwner } from "#lib/team/first-owner.ts";

export const POST = publicRoute(
  { body: setUpSchema, audit: "team.created" },
  async ({ body: { code, password, ...person }, client }) => {
    const input = { ...person, code: new Secret(code), password: new Secret(password) };
    const { email } = await setUpFirstOwner(deps(), input, client);
    return Response.json({ email }, { status: 201 });
  },
);
