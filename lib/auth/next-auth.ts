import "server-only";
import CredentialsProvider from "next-auth/providers/credentials";
import {
  type AuthDeps,
  type AuthRequest,
  callNextAuth,
  optionsFor,
} from "#lib/auth/call-next-auth.ts";
import { ThrottledError } from "#lib/auth/errors.ts";
import { beginWay, completeWay } from "#lib/auth/next-auth-way.ts";
import type { Client } from "#lib/auth/open-session.ts";
import { signInSchema } from "#lib/auth/schema.ts";
import { readSessionToken } from "#lib/auth/session-cookie.ts";
import { endOwnSession, findSessionHolder } from "#lib/auth/sessions.ts";
import { signIn } from "#lib/auth/sign-in.ts";
import type { WayId } from "#lib/auth/sign-in-ways.ts";
import { Secret } from "#lib/core/secret.ts";

const actions = {
  GET: new Set(["csrf", "providers", "session"]),
  POST: new Set(["callback/credentials", "signout"]),
};
const ownPages = new Set(["signin", "signout", "error", "verify-request"]);

/**
 * Answers `/api/auth/{segments}` by next-auth, with only those of its actions that we use. The caller
 * has checked the `Origin` of a change and read its body within limits.
 *
 * @param body - a change's form, one text for each name
 * @returns `null` for an action that does not exist here
 * @throws {AuthMisconfiguredError} there is no proper session key
 */
export async function answerAuthRequest(
  deps: AuthDeps,
  request: AuthRequest,
  body: Readonly<Record<string, string>>,
  client: Client,
): Promise<Response | null> {
  const action = request.segments.join("/");
  const method = request.method === "POST" ? "POST" : "GET";
  if (method === "GET" && ownPages.has(request.segments[0] ?? "")) {
    return new Response(null, { status: 303, headers: { location: `${deps.studioUrl}/sign-in` } });
  }
  const way = wayOf(deps, request.segments);
  if (way && request.method === "POST" && action === `signin/${way}`) {
    return beginWay(deps, way, request.headers, body);
  }
  // A look must not claim a sign-in: Next answers HEAD with this too.
  if (way && request.method === "GET" && action === `callback/${way}`) {
    return completeWay(deps, way, request, client);
  }
  if (!actions[method].has(action)) return null;

  const replaces = await readSessionToken(deps, request.headers);
  // Before next-auth, which would swallow a failure and say "signed out" over a living session.
  if (action === "signout" && replaces) {
    const held = await findSessionHolder(deps, replaces);
    if (held) await endOwnSession(deps, held, "signed_out");
  }
  const credentials = CredentialsProvider({
    credentials: { email: {}, password: {} },
    authorize: (given) => authorize(deps, given, replaces, client),
  });
  const query = { nextauth: [...request.segments] };
  const { headers } = request;
  return callNextAuth(optionsFor(deps, credentials), deps, { method, query, body, headers });
}

function wayOf(deps: AuthDeps, segments: readonly string[]): WayId | null {
  return deps.signInWays.list().find(({ id }) => id === segments[1])?.id ?? null;
}

// What is thrown here reaches the browser as text, so only our own short codes are.
async function authorize(
  deps: AuthDeps,
  given: unknown,
  replaces: Secret | null,
  client: Client,
): Promise<{ id: string; sid: string } | null> {
  const parsed = signInSchema.safeParse(given);
  if (!parsed.success) return null;
  try {
    const { email, password } = parsed.data;
    const made = await signIn(deps, { email, password: new Secret(password), replaces }, client);
    return made && { id: made.userId, sid: made.token.reveal() };
  } catch (error) {
    if (error instanceof ThrottledError) {
      throw new Error(`${error.code}:${error.remedy.afterSeconds}`);
    }
    deps.log.error("sign-in failed", { requestId: client.requestId, error });
    throw new Error("server_error");
  }
}
