import "server-only";
import type { OAuthConfig } from "next-auth/providers/oauth";
import type { Callback, ProvenIdentity, WayId } from "#lib/auth/sign-in-ways.ts";
import { Secret } from "#lib/core/secret.ts";

/** Never called: next-auth wants addresses, and our own client does the calls. */
const nowhere = "https://never-called.invalid/";

type Profile = { id: string };

/**
 * An identity provider as next-auth takes it. State, nonce and PKCE are next-auth's, each in its own
 * encrypted cookie that names the provider; every call goes through `prove`, so that nothing leaves the
 * studio by another client (NET-1) and no id token is judged by another hand.
 *
 * @param way.endpoint - where people are sent; null while a callback is answered
 * @param prove - throws where the callback proves nobody
 */
export function wayProvider(
  way: { id: WayId; name: string; issuer: string; clientId: string; endpoint: string | null },
  prove: (callback: Callback) => Promise<ProvenIdentity>,
): OAuthConfig<Profile> {
  return {
    id: way.id,
    name: way.name,
    type: "oauth",
    idToken: true,
    checks: ["pkce", "state", "nonce"],
    issuer: way.issuer,
    clientId: way.clientId,
    authorization: {
      url: way.endpoint ?? nowhere,
      params: { scope: "openid email profile", response_type: "code" },
    },
    token: {
      url: nowhere,
      request: async ({ params, checks, provider }) => {
        const {
          state,
          nonce,
          code_verifier: codeVerifier,
        } = checks as typeof checks & {
          nonce?: string; // next-auth sets it; its types do not say so
        };
        // openid-client would compare it in the call that is made here instead.
        if (!state || !nonce || !codeVerifier || params.state !== state) {
          throw new Error("this callback is of another run");
        }
        const identity = await prove({
          params: new URLSearchParams(
            Object.entries(params).filter(
              (pair): pair is [string, string] => pair[1] !== undefined,
            ),
          ),
          state,
          nonce,
          codeVerifier: new Secret(codeVerifier),
          redirectUri: provider.callbackUrl,
        });
        return { tokens: { subject: identity.subject } };
      },
    },
    userinfo: {
      url: nowhere,
      request: async ({ tokens }) => ({ sub: String(tokens.subject) }),
    },
    profile: (_claims, tokens) => ({ id: String(tokens.subject) }),
  };
}
