import * as oauth from "oauth4webapi";
import { Secret } from "#lib/core/secret.ts";
import { type Egress, type EgressTarget, tokenEndpointLimits } from "#lib/egress/egress.ts";

/** RFC 6749 §5.2 errors as they came: a stranger's words, for the provider's own table to judge. */
export type TokenRefusal = {
  kind: "refused";
  status: number;
  error: string;
  description: string;
};

export type TokenAnswer =
  | { kind: "tokens"; tokens: TokenResponse }
  | TokenRefusal
  /** 429, 5xx, HTML and other answers that are no OAuth answer. */
  | UnusableAnswer
  /** A 200 that is not a token answer; a refresh token in it is still to be ended. */
  | { kind: "malformed"; refreshToken: Secret | null };

export type UnusableAnswer = {
  kind: "unusable";
  status: number;
  retryAfterSeconds: number | null;
  /** The answer's beginning, for the provider's own table to judge. */
  body: string;
};

export type TokenResponse = {
  accessToken: Secret;
  refreshToken: Secret | null;
  expiresInSeconds: number | null;
  /** What was granted; null where the provider does not say. */
  scopes: string[] | null;
  /** Unread: proves nothing before `verifyIdToken`. */
  idToken: Secret | null;
  /** Everything else in the answer, unchecked. */
  extra: Readonly<Record<string, unknown>>;
};

/** What every call of a token endpoint needs. */
export type TokenCall = {
  target: EgressTarget;
  /** Path of the token endpoint on the target. */
  path: string;
  encoding: "form" | "json";
  clientId: string;
  clientSecret: Secret | null;
  /** How the secret is sent; in the form unless said otherwise. */
  clientAuth?: "basic" | "form";
  /** Further fields of the body; numbers stay numbers in JSON. */
  extra: Readonly<Record<string, string | number>>;
  /** Asked in the moment in which the first byte would leave: with false none does. */
  isStillWanted?(): boolean;
};

type RawAnswer = { status: number; headers: Headers; body: string };

/** What makes one grant's request: `oauth4webapi`'s, with the options given. */
type GrantRequest = (
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  auth: oauth.ClientAuth,
  options: {
    [oauth.customFetch]: never;
    additionalParameters: Record<string, string>;
  },
) => Promise<Response>;

/**
 * One request to a token endpoint, sent once by our own egress, and its answer judged.
 *
 * @throws {EgressError} no whole answer; `sentBytes` tells whether the provider may have seen the request
 * @see RFC 6749 §5
 */
export async function callTokenEndpoint(
  deps: { egress: Egress },
  call: TokenCall,
  server: oauth.AuthorizationServer,
  request: GrantRequest,
): Promise<TokenAnswer> {
  const client: oauth.Client = { client_id: call.clientId };
  let egressFailure: unknown;
  let answer: RawAnswer | null = null;
  const send = async (_url: string, init: { headers: Record<string, string>; body?: unknown }) => {
    try {
      answer = await sendOnce(deps, call, init);
    } catch (error) {
      egressFailure = error;
      throw error;
    }
    return new Response(withoutIdToken(answer.body), {
      status: answer.status,
      headers: contentType(answer.headers),
    });
  };
  try {
    const response = await request(server, client, clientAuthOf(call), {
      [oauth.customFetch]: send as never,
      additionalParameters: Object.fromEntries(
        Object.entries(call.extra).map(([key, value]) => [key, String(value)]),
      ),
    });
    const body = await oauth.processGenericTokenEndpointResponse(server, client, response);
    const tokens = tokensOf(body, answer ? idTokenIn((answer as RawAnswer).body) : null);
    return tokens
      ? { kind: "tokens", tokens }
      : { kind: "malformed", refreshToken: strayRefreshToken(JSON.stringify(body)) };
  } catch (error) {
    if (egressFailure) throw egressFailure;
    if (!answer) throw error;
    return judgeFailure(answer);
  }
}

/** Where the library is told the endpoint is; the address that is called is the target's. */
export const tokenEndpointUrl = (path: string) => `https://token-endpoint.invalid${path}`;

async function sendOnce(
  deps: { egress: Egress },
  call: TokenCall,
  init: { headers: Record<string, string>; body?: unknown },
): Promise<RawAnswer> {
  const { headers, body } = encodeBody(call, init);
  const got = await deps.egress.send({
    target: call.target,
    method: "POST",
    path: call.path,
    headers,
    body,
    limits: tokenEndpointLimits,
    ...(call.isStillWanted ? { isStillWanted: call.isStillWanted } : {}),
  });
  return { status: got.status, headers: got.headers, body: got.body.toString("utf8") };
}

function clientAuthOf({ clientSecret, clientAuth }: TokenCall): oauth.ClientAuth {
  if (!clientSecret) return oauth.None();
  return clientAuth === "basic"
    ? oauth.ClientSecretBasic(clientSecret.reveal())
    : oauth.ClientSecretPost(clientSecret.reveal());
}

function encodeBody(
  call: TokenCall,
  init: { headers: Record<string, string>; body?: unknown },
): { headers: Record<string, string>; body: string } {
  const form = new URLSearchParams(String(init.body));
  const authorization = new Headers(init.headers).get("authorization");
  const headers: Record<string, string> = {
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
    ...(authorization === null ? {} : { authorization }),
  };
  if (call.encoding === "form") return { headers, body: form.toString() };
  headers["content-type"] = "application/json";
  return { headers, body: JSON.stringify({ ...Object.fromEntries(form), ...call.extra }) };
}

/** An id token is judged by `verifyIdToken` alone, never by the way. */
function withoutIdToken(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed && typeof parsed === "object" && "id_token" in parsed) {
      const { id_token: _dropped, ...rest } = parsed;
      return JSON.stringify(rest);
    }
  } catch {
    return body;
  }
  return body;
}

function idTokenIn(body: string): Secret | null {
  const { id_token: token } = JSON.parse(body) as { id_token?: unknown };
  return typeof token === "string" && idTokenText.test(token) ? new Secret(token) : null;
}

function contentType(headers: Headers): Record<string, string> {
  const value = headers.get("content-type");
  return value ? { "content-type": value } : {};
}

/** Tokens travel in headers and forms: visible characters only. */
const tokenText = /^[\x21-\x7e]{1,8192}$/;
const idTokenText = /^[\w.-]{1,16384}$/;
const scopeText = /^[\x21-\x7e]{1,128}$/;
const maxScopes = 200;
const maxLifetimeSeconds = 24 * 60 * 60;

/** A token answer with our names and units; null when a value is not what it should be. */
function tokensOf(body: oauth.TokenEndpointResponse, idToken: Secret | null): TokenResponse | null {
  const { access_token, refresh_token, expires_in, scope, token_type: _bearer, ...extra } = body;
  const scopes = scope === undefined ? null : scope.split(/ +/).filter(Boolean);
  const isSound =
    tokenText.test(access_token) &&
    (refresh_token === undefined || tokenText.test(refresh_token)) &&
    (scopes === null || (scopes.length <= maxScopes && scopes.every((one) => scopeText.test(one))));
  if (!isSound) return null;
  return {
    accessToken: new Secret(access_token),
    refreshToken: refresh_token ? new Secret(refresh_token) : null,
    expiresInSeconds: expires_in ? Math.min(expires_in, maxLifetimeSeconds) : null,
    scopes,
    idToken,
    extra,
  };
}

const maxJudgedLength = 4000;

function judgeFailure(answer: RawAnswer): TokenAnswer {
  const refusal = refusalOf(answer);
  if (refusal) return refusal;
  if (answer.status === 200) {
    return { kind: "malformed", refreshToken: strayRefreshToken(answer.body) };
  }
  const retryAfter = Number(answer.headers.get("retry-after"));
  return {
    kind: "unusable",
    status: answer.status,
    retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
    body: answer.body.slice(0, maxJudgedLength),
  };
}

function strayRefreshToken(text: string): Secret | null {
  try {
    const body: unknown = JSON.parse(text);
    const token = body && typeof body === "object" && "refresh_token" in body && body.refresh_token;
    return typeof token === "string" && tokenText.test(token) ? new Secret(token) : null;
  } catch {
    return null;
  }
}

/** These say "later" whatever their body says. */
const laterStatuses: readonly number[] = [408, 425, 429];

/** Providers answer 400 and 401, with and without a challenge header: the body decides. */
function refusalOf(answer: { status: number; body: string }): TokenRefusal | null {
  if (answer.status < 400 || answer.status >= 500) return null;
  if (laterStatuses.includes(answer.status)) return null;
  try {
    const body: unknown = JSON.parse(answer.body);
    if (body && typeof body === "object" && "error" in body && typeof body.error === "string") {
      const description =
        "error_description" in body && typeof body.error_description === "string"
          ? body.error_description
          : "";
      return { kind: "refused", status: answer.status, error: body.error, description };
    }
  } catch {
    return null;
  }
  return null;
}
