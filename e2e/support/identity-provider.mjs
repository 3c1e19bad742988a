// An OpenID provider as its own server, beside the studio: the certified implementation of npm's
// oidc-provider with its plain sign-in pages. Whoever types an address there is that person; an address
// that begins with "unverified" is not verified.

import Provider from "oidc-provider";

const { PORT, STUDIO_URL, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = process.env;
const issuer = `http://localhost:${PORT}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: OIDC_CLIENT_ID,
      client_secret: OIDC_CLIENT_SECRET,
      redirect_uris: [`${STUDIO_URL}/api/auth/callback/oidc`],
      grant_types: ["authorization_code"],
    },
  ],
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: id,
      email_verified: !id.startsWith("unverified"),
      name: id.split("@")[0],
    }),
  }),
});

const server = provider.listen(Number(PORT));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
