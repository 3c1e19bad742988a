import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

/** What an identity provider says about the person who is signed in there. */
export type Person = {
  sub: string;
  email?: unknown;
  email_verified?: unknown;
  name?: unknown;
};

type Run = { nonce: string; challenge: string; person: Person };

export type TestIssuer = {
  url: string;
  clientId: string;
  clientSecret: string;
  person: Person;
  /** The parts that a test bends; each is honest until then. */
  lies: {
    /** Changes the claims before they are signed. */
    claims?: (claims: JWTPayload) => JWTPayload;
    /** Makes the id token itself; `publicJwk` is the key that everybody may see. */
    idToken?: (claims: JWTPayload, publicJwk: JWK) => Promise<string> | string;
    metadata?: Record<string, unknown>;
    userinfo?: Record<string, unknown>;
    /** Answers every call with this status. */
    status?: number;
    /** Leaves e-mail and name out of the id token. */
    thinIdToken?: boolean;
  };
  /** Signs its person in, as its pages would: the callback's query. Codes are good for ever here. */
  approve(authorizeUrl: string): URLSearchParams;
  /** Signs with a new key from now on. */
  rotateKey(): Promise<void>;
  /** Path and body of each request so far. */
  requests: { path: string; body: string; authorization: string | undefined }[];
  close(): Promise<void>;
};

/** An OpenID provider on this machine that can be made to lie. It never checks what our side must check. */
export async function startIssuer(): Promise<TestIssuer> {
  const runs = new Map<string, Run>();
  let key = await newKey();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = new URL(request.url ?? "/", "http://issuer").pathname;
      const body = Buffer.concat(chunks).toString("utf8");
      const { authorization } = request.headers;
      issuer.requests.push({ path, body, authorization });
      answer(path, body, authorization).then(
        ([status, json]) => {
          response.writeHead(status, { "content-type": "application/json" });
          response.end(JSON.stringify(json));
        },
        (error: unknown) => response.destroy(error as Error),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;

  async function answer(
    path: string,
    body: string,
    authorization: string | undefined,
  ): Promise<[number, unknown]> {
    if (issuer.lies.status) return [issuer.lies.status, { error: "server_error" }];
    switch (path) {
      case "/.well-known/openid-configuration":
        return [200, { ...metadata(), ...issuer.lies.metadata }];
      case "/keys":
        return [200, { keys: [key.publicJwk] }];
      case "/token":
        return token(new URLSearchParams(body), authorization);
      case "/userinfo":
        return [200, { ...issuer.person, ...issuer.lies.userinfo }];
      default:
        return [404, {}];
    }
  }

  const metadata = () => ({
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    userinfo_endpoint: `${url}/userinfo`,
    jwks_uri: `${url}/keys`,
    id_token_signing_alg_values_supported: ["RS256", "HS256", "none"],
    authorization_response_iss_parameter_supported: true,
  });

  async function token(
    form: URLSearchParams,
    authorization: string | undefined,
  ): Promise<[number, unknown]> {
    const run = runs.get(form.get("code") ?? "");
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "");
    const given = Buffer.from(authorization?.slice("Basic ".length) ?? "", "base64").toString();
    // Both are form-encoded before they are joined (RFC 6749 §2.3.1).
    if (decodeURIComponent(given) !== `${issuer.clientId}:${issuer.clientSecret}`) {
      return [401, { error: "invalid_client" }];
    }
    if (!run || challenge.digest("base64url") !== run.challenge) {
      return [400, { error: "invalid_grant" }];
    }
    const idToken = await idTokenFor(run);
    return [200, { access_token: randomUUID(), token_type: "Bearer", id_token: idToken }];
  }

  async function idTokenFor(run: Run): Promise<string> {
    const seconds = Math.floor(Date.now() / 1_000);
    const { sub, ...about } = run.person;
    const honest: JWTPayload = {
      iss: url,
      sub,
      aud: issuer.clientId,
      iat: seconds,
      exp: seconds + 300,
      nonce: run.nonce,
      ...(issuer.lies.thinIdToken ? {} : about),
    };
    const claims = issuer.lies.claims?.(honest) ?? honest;
    if (issuer.lies.idToken) return issuer.lies.idToken(claims, key.publicJwk);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", kid: String(key.publicJwk.kid) })
      .sign(key.privateKey);
  }

  const issuer: TestIssuer = {
    url,
    clientId: "studio-at-the-issuer",
    clientSecret: "kept-between-studio-and-issuer",
    person: { sub: "somebody" },
    lies: {},
    requests: [],
    approve(authorizeUrl) {
      const asked = new URL(authorizeUrl).searchParams;
      const code = randomUUID();
      runs.set(code, {
        nonce: asked.get("nonce") ?? "",
        challenge: asked.get("code_challenge") ?? "",
        person: { ...issuer.person },
      });
      return new URLSearchParams({ code, state: asked.get("state") ?? "", iss: url });
    },
    async rotateKey() {
      key = await newKey();
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return issuer;
}

async function newKey() {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const publicJwk = {
    ...(await exportJWK(publicKey)),
    kid: randomUUID(),
    alg: "RS256",
    use: "sig",
  };
  return { privateKey, publicJwk };
}
