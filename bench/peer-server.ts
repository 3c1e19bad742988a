// better-auth as its documentation sets it up: its Node handler, on PostgreSQL, with a session. Each request
// is `POST /api/auth/get-access-token` for the valid token of the session's user. Its limits are off, and it
// writes nothing down.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import pg from "pg";

const baseURL = "http://127.0.0.1:1";
const database = new pg.Pool({ connectionString: process.argv[2] ?? "", max: 10 });
const auth = betterAuth({
  database,
  baseURL,
  secret: "a secret of the peer, which is only for this run",
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  emailAndPassword: { enabled: true },
  socialProviders: { github: { clientId: "bench", clientSecret: "bench" } },
});
await (await getMigrations(auth.options)).runMigrations();
const { headers, response: signedUp } = await auth.api.signUpEmail({
  body: { email: "peer@bench.example", password: "lantern harbour bench", name: "Peer" },
  returnHeaders: true,
});
const cookie = headers
  .getSetCookie()
  .map((each) => each.split(";", 1)[0])
  .join("; ");
const accountId = randomUUID();
await database.query(
  `insert into account (id, "accountId", "providerId", "userId", "accessToken", "refreshToken",
     "accessTokenExpiresAt", "createdAt", "updatedAt")
   values ($1, 'peer', 'github', $2, $3, $4, now() + interval '1 hour', now(), now())`,
  [accountId, signedUp.user.id, "x".repeat(112), "y".repeat(112)],
);
const handle = toNodeHandler(auth);
const server = createServer((request, response) => void handle(request, response));
server.listen(0, "127.0.0.1", () =>
  process.send?.({
    port: (server.address() as AddressInfo).port,
    sent: {
      headers: { cookie, origin: baseURL, "content-type": "application/json" },
      bodies: [JSON.stringify({ accountId })],
    },
  }),
);
