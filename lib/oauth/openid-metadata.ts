import { z } from "zod";
import { idTokenAlgorithms } from "#lib/oauth/id-token.ts";

/** What we need of a provider's own description of itself. */
export type OpenidMetadata = {
  /** As the provider writes it: an id token must name exactly this. */
  issuer: string;
  authorizationEndpoint: URL;
  tokenEndpoint: URL;
  jwksUri: URL;
  userinfoEndpoint: URL | null;
  /** How the client's secret is sent. */
  clientAuth: "basic" | "form";
  /** Those of the provider that we take: never `none`, never a shared secret. */
  algorithms: string[];
  /** The provider promises to name itself in each callback (RFC 9207). */
  namesItself: boolean;
};

const texts = z.array(z.string().max(100)).max(100);
const metadataSchema = z.object({
  issuer: z.string().max(2048),
  authorization_endpoint: z.url().max(2048),
  token_endpoint: z.url().max(2048),
  jwks_uri: z.url().max(2048),
  userinfo_endpoint: z.url().max(2048).optional(),
  token_endpoint_auth_methods_supported: texts.optional(),
  id_token_signing_alg_values_supported: texts.default(["RS256"]),
  authorization_response_iss_parameter_supported: z.boolean().default(false),
});

const withoutSlash = (address: string) => address.replace(/\/+$/, "");

/**
 * Reads a discovery document (OpenID Connect Discovery §3, RFC 8414).
 *
 * @param issuer - from the settings, without a slash at the end
 * @returns `null` where it is no such document, is another issuer's, sends people to an address that is
 *   neither https nor the issuer's own, or offers no signature that we take
 */
export function parseOpenidMetadata(document: unknown, issuer: string): OpenidMetadata | null {
  const parsed = metadataSchema.safeParse(document);
  if (!parsed.success || withoutSlash(parsed.data.issuer) !== issuer) return null;
  const { data } = parsed;
  const authorizationEndpoint = new URL(data.authorization_endpoint);
  const isOwn = authorizationEndpoint.origin === new URL(issuer).origin;
  if (authorizationEndpoint.protocol !== "https:" && !isOwn) return null;
  const algorithms = data.id_token_signing_alg_values_supported.filter((name) =>
    idTokenAlgorithms.includes(name),
  );
  if (algorithms.length === 0) return null;
  const methods = data.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  return {
    issuer: data.issuer,
    authorizationEndpoint,
    tokenEndpoint: new URL(data.token_endpoint),
    jwksUri: new URL(data.jwks_uri),
    userinfoEndpoint: data.userinfo_endpoint ? new URL(data.userinfo_endpoint) : null,
    clientAuth: methods.includes("client_secret_basic") ? "basic" : "form",
    algorithms,
    namesItself: data.authorization_response_iss_parameter_supported,
  };
}
