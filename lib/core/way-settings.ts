import { z } from "zod";
import { LOOPBACK_HOSTS } from "#lib/core/loopback.ts";
import { Secret } from "#lib/core/secret.ts";

/** An OpenID Connect issuer: an address without query or fragment; http only on loopback. */
const issuer = z
  .string()
  .refine((value) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    const isPlain =
      url !== null && url.username === "" && url.password === "" && !/[?#]/.test(value);
    return isPlain && (url.protocol === "https:" || isLoopbackHttp(value));
  }, "must be an address such as https://login.example.com, without a query")
  .transform((value) => value.replace(/\/+$/, ""));
const isLoopbackHttp = (value: string) => {
  const { protocol, hostname } = new URL(value);
  return protocol === "http:" && LOOPBACK_HOSTS.has(hostname);
};
const text = z.string();
const secret = text.transform((value) => new Secret(value));

/** The settings of the ways to sign in beside e-mail and password. */
export const wayShape = {
  OIDC_ISSUER: issuer.optional(),
  OIDC_CLIENT_ID: text.optional(),
  OIDC_CLIENT_SECRET: secret.optional(),
  OIDC_NAME: text
    .refine((value) => /^[^\p{C}]{1,40}$/u.test(value), "must be a name of at most 40 characters")
    .default("single sign-on"),
  AUTH_SALESFORCE_ID: text.optional(),
  AUTH_SALESFORCE_SECRET: secret.optional(),
  AUTH_SALESFORCE_ISSUER: issuer.optional(),
};

// A way to sign in is wholly set or not at all: half of it would be a door of unknown strength (WEB-4).
const waySettings = [
  ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"],
  ["AUTH_SALESFORCE_ID", "AUTH_SALESFORCE_SECRET"],
] as const;

type Problem = { path: string[]; message: string };

/** What is wrong with the ways as set; names settings, never values. */
export function wayProblems(env: WayEnv, studioHost: string): Problem[] {
  return [...halfSet(env), ...farFromLoopback(env, studioHost)];
}

function halfSet(env: WayEnv): Problem[] {
  const problems = waySettings.flatMap((names) => {
    const given = names.filter((name) => env[name] !== undefined);
    const missing = names.filter((name) => env[name] === undefined);
    if (given.length === 0) return [];
    return missing.map((name) => ({ path: [name], message: `is missing; ${given[0]} is set` }));
  });
  if (env.AUTH_SALESFORCE_ISSUER !== undefined && env.AUTH_SALESFORCE_ID === undefined) {
    problems.push({
      path: ["AUTH_SALESFORCE_ID"],
      message: "is missing; AUTH_SALESFORCE_ISSUER is set",
    });
  }
  return problems;
}

function farFromLoopback(env: WayEnv, studioHost: string): Problem[] {
  if (LOOPBACK_HOSTS.has(studioHost)) return [];
  return (["OIDC_ISSUER", "AUTH_SALESFORCE_ISSUER"] as const).flatMap((name) => {
    const value = env[name];
    return value !== undefined && LOOPBACK_HOSTS.has(new URL(value).hostname)
      ? [{ path: [name], message: "may be on localhost only while STUDIO_URL is" }]
      : [];
  });
}

/** A way to sign in beside e-mail and password, as the operator set it. */
export type SignInWaySettings = {
  id: "oidc" | "salesforce";
  /** Stands on the button. */
  name: string;
  /** Without a slash at the end. */
  issuer: string;
  clientId: string;
  clientSecret: Secret;
};

const shape = z.object(wayShape);
type WayEnv = z.infer<typeof shape>;

const SALESFORCE_ISSUER = "https://login.salesforce.com";

/** The ways that are wholly set. */
export function signInWaysOf(env: WayEnv): readonly SignInWaySettings[] {
  const ways: SignInWaySettings[] = [];
  if (env.OIDC_ISSUER && env.OIDC_CLIENT_ID && env.OIDC_CLIENT_SECRET) {
    ways.push({
      id: "oidc",
      name: env.OIDC_NAME,
      issuer: env.OIDC_ISSUER,
      clientId: env.OIDC_CLIENT_ID,
      clientSecret: env.OIDC_CLIENT_SECRET,
    });
  }
  if (env.AUTH_SALESFORCE_ID && env.AUTH_SALESFORCE_SECRET) {
    ways.push({
      id: "salesforce",
      name: "Salesforce",
      issuer: env.AUTH_SALESFORCE_ISSUER ?? SALESFORCE_ISSUER,
      clientId: env.AUTH_SALESFORCE_ID,
      clientSecret: env.AUTH_SALESFORCE_SECRET,
    });
  }
  return ways;
}
