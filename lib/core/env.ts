import path from "node:path";
import { z } from "zod";
import { LOOPBACK_HOSTS } from "#lib/core/loopback.ts";
import { Secret } from "#lib/core/secret.ts";
import { signInWaysOf, wayProblems, wayShape } from "#lib/core/way-settings.ts";

const DEFAULT_PORT = "3000";
const HIGHEST_PORT = 65_535;
const FACTOR_RULE = "must be a number above 0, such as 2 or 0.5";
const PORT_RULE = "must be a port, 1 to 65535";
const DAYS_RULE = "must be a number of days, 1 to 3650";
const SHORTEST_TOKEN = 16;
const TOKEN_RULE = `must have at least ${SHORTEST_TOKEN} characters, for example from: openssl rand -hex 32`;
/** The demo's servers listen this far above the studio's port. */
const DEMO_PORT_DISTANCE = 100;

/** `scheme://host[:port]`, nothing after it; http only on loopback. */
const origin = z.string().transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : null;
  const isOrigin = url !== null && (value === url.origin || value === `${url.origin}/`);
  if (!isOrigin || !/^https?:$/.test(url.protocol)) {
    context.addIssue("must be an origin such as https://studio.example.com, without a path");
    return z.NEVER;
  }
  if (url.protocol === "http:" && !LOOPBACK_HOSTS.has(url.hostname)) {
    context.addIssue("must begin with https:// unless its host is localhost");
    return z.NEVER;
  }
  return url.origin;
});
/** Where an OpenTelemetry collector takes spans: any http address, a path before OTLP's own. */
export type Collector = { readonly origin: string; readonly path: string };
const collector = z.string().transform((value, context): Collector => {
  const url = URL.canParse(value) ? new URL(value) : null;
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === "";
  if (!isPlain || url.search !== "" || url.hash !== "") {
    context.addIssue("must be an address such as http://collector.internal:4318");
    return z.NEVER;
  }
  return { origin: url.origin, path: `${url.pathname.replace(/\/$/, "")}/v1/traces` };
});
const text = z.string();
const port = text
  .regex(/^[1-9]\d{0,4}$/, PORT_RULE)
  .transform(Number)
  .refine((number) => number <= HIGHEST_PORT, PORT_RULE);
const secret = text.transform((value) => new Secret(value));
const postgresUrl = text
  .refine(
    (value) => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value),
    "must be an address such as postgresql://user:password@host:5432/database",
  )
  .transform((value) => new Secret(value));

const redisUrl = text
  .refine(
    // A socket's address has no host, and `URL` takes none with a password then.
    (value) =>
      /^unix:\/\/([^/@]*@)?\/./.test(value) ||
      (/^rediss?:\/\/[^/]/.test(value) && URL.canParse(value)),
    "must be an address such as rediss://user:password@host:6379",
  )
  .transform((value) => new Secret(value));

const schema = z
  .object({
    NODE_ENV: z
      .enum(["production", "development", "test"], "must be production, development or test")
      .default("production"),
    PORT: port,
    STUDIO_URL: origin.optional(),
    STUDIO_DESKTOP_AUTH_URL: origin.optional(),
    STUDIO_DATA_DIR: text.default("./.data"),
    DATABASE_URL: postgresUrl.optional(),
    REDIS_URL: redisUrl.optional(),
    VAULT_KEYS: secret.optional(),
    SESSION_SECRET: secret.optional(),
    SALESFORCE_CLIENT_ID: text.optional(),
    SALESFORCE_CLIENT_SECRET: secret.optional(),
    SALESFORCE_PACKAGE_CLIENT_ID: text.optional(),
    SALESFORCE_PACKAGE_ID: text.optional(),
    ...wayShape,
    DEMO: z.enum(["on", "off"], "must be on or off").default("on"),
    DEMO_URL: origin.optional(),
    EGRESS_CONNECT_MAP: text.optional(),
    SPOOL_DIR: text.optional(),
    LIMITS_FACTOR: text
      .regex(/^\d{1,7}(\.\d{1,3})?$/, FACTOR_RULE)
      .transform(Number)
      .refine((number) => number > 0, FACTOR_RULE)
      .default(1),
    PLAN_CONTENTS_DAYS: text
      .regex(/^[1-9]\d{0,3}$/, DAYS_RULE)
      .transform(Number)
      .refine((days) => days <= 3_650, DAYS_RULE)
      .default(90),
    METRICS_TOKEN: secret
      .refine(({ byteLength }) => byteLength >= SHORTEST_TOKEN, TOKEN_RULE)
      .optional(),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
    STUDIO_OWNER_EMAIL: z.string().min(1).optional(),
    STUDIO_OWNER_PASSWORD: secret.optional(),
    LOG_LEVEL: z
      .enum(
        ["debug", "info", "warn", "error", "silent"],
        "must be debug, info, warn, error or silent",
      )
      .default("info"),
  })
  .superRefine((env, context) => {
    if ((env.STUDIO_OWNER_EMAIL === undefined) !== (env.STUDIO_OWNER_PASSWORD === undefined)) {
      const path = [
        env.STUDIO_OWNER_EMAIL === undefined ? "STUDIO_OWNER_EMAIL" : "STUDIO_OWNER_PASSWORD",
      ];
      context.addIssue({ code: "custom", path, message: "must be set together with the other" });
    }
    const host = env.STUDIO_URL === undefined ? "localhost" : new URL(env.STUDIO_URL).hostname;
    for (const problem of wayProblems(env, host)) {
      context.addIssue({ code: "custom", ...problem });
    }
    if (env.EGRESS_CONNECT_MAP !== undefined && !LOOPBACK_HOSTS.has(host)) {
      context.addIssue({
        code: "custom",
        path: ["EGRESS_CONNECT_MAP"],
        message: "is for tests: it works only while STUDIO_URL is on localhost",
      });
    }
  });

/** Every setting by its name in the environment. */
export const settingNames: readonly string[] = Object.keys(schema.shape);

/** The settings, checked and with their defaults; secrets print as `[secret]`. */
export type Env = ReturnType<typeof parse>;

/** A setting that cannot be used. Names the setting and the rule, never the value (VA-4). */
export class SettingsError extends Error {
  readonly settings: readonly string[];
  constructor(problems: readonly { name: string; rule: string }[]) {
    super(problems.map(({ name, rule }) => `${name} ${rule}`).join("; "));
    this.name = "SettingsError";
    this.settings = problems.map(({ name }) => name);
  }
}

/**
 * Reads the settings of the environment; an empty one counts as unset.
 *
 * @throws {SettingsError} naming each setting that cannot be used
 */
export function loadEnv(source: Readonly<Record<string, string | undefined>>): Env {
  return parse(source);
}

/** All settings as they came, for the keys' loader: it holds every secret against every other (VA-4). */
export const rawEnv = (): Readonly<Record<string, string | undefined>> => process.env;

/** The settings of this process. */
export const processEnv = (): Env => loadEnv(process.env);

function parse(source: Readonly<Record<string, string | undefined>>) {
  const given = Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined && value !== ""),
  );
  const result = schema.safeParse({ PORT: DEFAULT_PORT, ...given });
  if (!result.success) {
    throw new SettingsError(
      result.error.issues.map((issue) => ({ name: String(issue.path[0]), rule: issue.message })),
    );
  }
  const env = result.data;
  const studioUrl = env.STUDIO_URL ?? `http://localhost:${env.PORT}`;
  const dataDir = path.resolve(env.STUDIO_DATA_DIR);
  return {
    mode: env.NODE_ENV,
    port: env.PORT,
    /** The public origin; every address of ours is built from it, never from a request (OA-6). */
    studioUrl,
    desktopAuthUrl: env.STUDIO_DESKTOP_AUTH_URL ?? studioUrl,
    isLoopback: LOOPBACK_HOSTS.has(new URL(studioUrl).hostname),
    dataDir,
    /** `null`: the embedded server of the data folder. */
    databaseUrl: env.DATABASE_URL ?? null,
    redisUrl: env.REDIS_URL ?? null,
    vaultKeys: env.VAULT_KEYS ?? null,
    sessionSecret: env.SESSION_SECRET ?? null,
    salesforce: {
      clientId: env.SALESFORCE_CLIENT_ID ?? null,
      clientSecret: env.SALESFORCE_CLIENT_SECRET ?? null,
      packageClientId: env.SALESFORCE_PACKAGE_CLIENT_ID ?? null,
      packageId: env.SALESFORCE_PACKAGE_ID ?? null,
    },
    signInWays: signInWaysOf(env),
    /** Origin of the demo's simulator, `null` when the demo is off. */
    demoUrl:
      env.DEMO === "off"
        ? null
        : (env.DEMO_URL ?? `http://localhost:${env.PORT + DEMO_PORT_DISTANCE}`),
    egressConnectMap: env.EGRESS_CONNECT_MAP ?? null,
    spoolDir: env.SPOOL_DIR === undefined ? null : path.resolve(env.SPOOL_DIR),
    /** Multiplies every limit of the agents' surface. */
    limitsFactor: env.LIMITS_FACTOR,
    /** How long after its end a plan's contents are kept. */
    planContentsDays: env.PLAN_CONTENTS_DAYS,
    metricsToken: env.METRICS_TOKEN ?? null,
    /** Where spans are sent, `null` where nobody collects them. */
    collector: env.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    /** Makes the first owner without a person; both or neither. */
    firstOwner:
      env.STUDIO_OWNER_EMAIL !== undefined && env.STUDIO_OWNER_PASSWORD !== undefined
        ? { email: env.STUDIO_OWNER_EMAIL, password: env.STUDIO_OWNER_PASSWORD }
        : null,
    logLevel: env.LOG_LEVEL,
  };
}
