import { z } from "zod";
import { plainText } from "#lib/core/plain-text.ts";
import {
  type Environment,
  environments,
  type ProviderName,
  providers,
  type Surface,
  surfaces,
} from "#lib/providers/vocabulary.ts";

export { type Environment, environments, type ProviderName, providers, type Surface, surfaces };

export const methods = ["quick", "custom-app", "packaged-app", "public-app"] as const;
export type ConnectionMethod = (typeof methods)[number];

const pkceModes = ["required", "off"] as const;
export type PkceMode = (typeof pkceModes)[number];

/** Worst first: the order in which rows that need somebody come up. */
export const healthKinds = [
  "needs_reconnect",
  "app_refused",
  "missing_scopes",
  "idle_soon",
  "refresh_failing",
  "not_connected",
  "connected",
] as const;
export type HealthKind = (typeof healthKinds)[number];

const name = plainText
  .transform((text) => text.trim().normalize("NFC"))
  .pipe(z.string().min(1, "Give the connection a name.").max(80, "Use at most 80 characters."));
const surfaceList = z
  .array(z.enum(surfaces))
  .min(1, "Choose where your team signs in.")
  .max(2)
  .transform((list) => [...new Set(list)]);
const scopeList = z
  .array(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "A scope is written in small letters."))
  .max(100)
  .transform((list) => [...new Set(list)]);
const clientId = z
  .string()
  .trim()
  .min(1, "Copy the Client ID from the app.")
  .max(255)
  .regex(/^[\x21-\x7e]+$/, "A Client ID has no spaces.");

export const salesforceFieldsSchema = z.strictObject({
  provider: z.literal("salesforce"),
  method: z.enum(["quick", "custom-app", "packaged-app"]),
  name,
  environment: z.enum(environments),
  /** My Domain host or address; only with the environment "custom". */
  customDomain: z.string().trim().max(255).optional(),
  surfaces: surfaceList.default(["web"]),
  clientId: clientId.optional(),
  /** Can be written, never read back. */
  clientSecret: z
    .string()
    .regex(/^[\x20-\x7e]{1,512}$/, "Copy the Client Secret as the app shows it.")
    .optional(),
  scopes: scopeList.default(["api", "refresh_token", "offline_access"]),
  pkce: z.enum(pkceModes).default("required"),
});

/** What its fields have to be together. */
export function checkSalesforceFields(
  value: z.infer<typeof salesforceFieldsSchema>,
  context: z.RefinementCtx,
): void {
  if (value.environment === "custom" && !value.customDomain) {
    context.addIssue({
      code: "custom",
      path: ["customDomain"],
      message: "Enter the org's My Domain, for example acme.my.salesforce.com.",
    });
  }
  if (value.environment !== "custom" && value.customDomain !== undefined) {
    context.addIssue({
      code: "custom",
      path: ["customDomain"],
      message: "A domain goes with the environment Custom Domain.",
    });
  }
  if (value.method === "custom-app" && !value.clientId) {
    context.addIssue({
      code: "custom",
      path: ["clientId"],
      message: "Copy the Client ID (Consumer Key) from the app.",
    });
  }
  if (value.method !== "custom-app" && (value.clientId || value.clientSecret)) {
    context.addIssue({
      code: "custom",
      path: ["clientId"],
      message: "This method brings its own app.",
    });
  }
}

/** A Salesforce org as a team describes it. */
export const salesforceDefinitionSchema = salesforceFieldsSchema.superRefine(checkSalesforceFields);
export type SalesforceDefinition = z.infer<typeof salesforceDefinitionSchema>;

const midWords = "Write the MID as a number, as it stands beside the account's name.";

/** A Marketing Cloud business unit as a team describes it. */
export const marketingCloudDefinitionSchema = z.strictObject({
  provider: z.literal("marketing-cloud"),
  method: z.literal("public-app").default("public-app"),
  name,
  environment: z.enum(["production", "demo"]).default("production"),
  surfaces: surfaceList.default(["web"]),
  clientId,
  /** Any base URI of the tenant, or its subdomain. */
  authBaseUri: z.string().trim().min(1, "Copy the Authentication Base URI.").max(255),
  restBaseUri: z.string().trim().max(255).optional(),
  /** MID: positive, at most nine digits were seen; twelve are taken. */
  accountId: z
    .number(midWords)
    .int(midWords)
    .positive(midWords)
    .max(999_999_999_999, midWords)
    .optional(),
  scopes: scopeList,
});
export type MarketingCloudDefinition = z.infer<typeof marketingCloudDefinitionSchema>;

export type ConnectionDefinition = SalesforceDefinition | MarketingCloudDefinition;

const clientSecret = z
  .string()
  .regex(/^[\x20-\x7e]{1,512}$/, "Copy the Client Secret as the app shows it.");
const address = z.string().trim().max(255);

/** What may change without making a new one; what is absent stays as it is. */
export const connectionPatchSchema = z.strictObject({
  /** Of the definition that the editor saw; needed for all but another name. */
  version: z.number().int().positive().optional(),
  /** How many people the editor was told will have to reconnect. */
  voids: z.number().int().min(0).default(0),
  name: name.optional(),
  environment: z.enum(environments).optional(),
  customDomain: address.optional(),
  /** The same, by the name that a connection answers with. */
  loginHost: address.optional(),
  surfaces: surfaceList.optional(),
  clientId: clientId.optional(),
  /** Null removes it. */
  clientSecret: clientSecret.nullable().optional(),
  scopes: scopeList.optional(),
  pkce: z.enum(pkceModes).optional(),
  authBaseUri: address.optional(),
  restBaseUri: address.optional(),
  /** Null makes it the whole tenant's. */
  accountId: z.number().int().positive().max(999_999_999_999).nullable().optional(),
});
export type ConnectionPatch = z.infer<typeof connectionPatchSchema>;

export const connectionQuerySchema = z.strictObject({
  q: plainText.transform((text) => text.trim()).default(""),
  provider: z.enum(providers).optional(),
  environment: z.array(z.enum(environments)).max(environments.length).default([]),
  health: z.array(z.enum(healthKinds)).max(healthKinds.length).default([]),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type ConnectionQuery = z.infer<typeof connectionQuerySchema>;

const grantStates = ["active", "needs_reconnect", "disconnected"] as const;
export type GrantState = (typeof grantStates)[number];

/** A grant as our pages see it. Never a token. Times are ISO 8601. */
export const grantSchema = z.object({
  id: z.uuid(),
  connectionId: z.uuid(),
  state: z.enum(grantStates),
  reason: z.string().nullable(),
  surface: z.enum(surfaces),
  identity: z.object({
    userId: z.string(),
    username: z.string(),
    email: z.string().nullable(),
    displayName: z.string().nullable(),
    /** Salesforce: 18 characters. */
    orgId: z.string().nullable(),
    /** Marketing Cloud: MID of the business unit. */
    memberId: z.number().nullable(),
    enterpriseId: z.number().nullable(),
    orgName: z.string().nullable(),
  }),
  scopes: z.array(z.string()),
  missingScopes: z.array(z.string()),
  instanceUrl: z.string().nullable(),
  restInstanceUrl: z.string().nullable(),
  soapInstanceUrl: z.string().nullable(),
  connectedAt: z.iso.datetime(),
  lastRefreshedAt: z.iso.datetime().nullable(),
  lastProvenAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
  accessTokenExpiresAt: z.iso.datetime().nullable(),
  idleDeadline: z.iso.datetime().nullable(),
  /** Its owner lets agents have the access token itself. */
  allowsRawLeases: z.boolean(),
  /** How its refreshes go. */
  refresh: z.object({
    /** That failed in a row, the last one included. */
    failures: z.number(),
    /** Why the last one failed; null while all is well. */
    problem: z.string().nullable(),
    /** Nobody asks the provider before. */
    retryAt: z.iso.datetime().nullable(),
    /** When it is refreshed of itself, so that it does not go idle. */
    dueAt: z.iso.datetime().nullable(),
  }),
});
export type GrantJson = z.infer<typeof grantSchema>;

/** A connection as our pages see it: the definition, my own grant whole, others' in short. */
export const connectionSchema = z.object({
  id: z.uuid(),
  provider: z.enum(providers),
  method: z.enum(methods),
  name: z.string(),
  environment: z.enum(environments),
  surfaces: z.array(z.enum(surfaces)),
  loginHost: z.string().nullable(),
  authBaseUri: z.string().nullable(),
  restBaseUri: z.string().nullable(),
  tenantSubdomain: z.string().nullable(),
  accountId: z.number().nullable(),
  clientId: z.string(),
  hasClientSecret: z.boolean(),
  scopes: z.array(z.string()),
  pkce: z.enum(pkceModes),
  groupKey: z.string(),
  groupName: z.string(),
  orgId: z.string().nullable(),
  orgName: z.string().nullable(),
  /** Marketing Cloud: MID of the tenant's parent unit, once it is known. */
  enterpriseId: z.number().nullable(),
  /** Host that names the org or tenant in a row. */
  host: z.string(),
  createdBy: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  createdAt: z.iso.datetime(),
  /** Counts edits; goes back with one. */
  version: z.number(),
  canEdit: z.boolean(),
  /** Exact redirect URIs to register, by surface. */
  redirectUris: z.object({ web: z.string(), desktop: z.string() }),
  myGrant: grantSchema.nullable(),
  health: z.enum(healthKinds),
  /** Why the provider refuses this app, for everybody under it; null while it does not. */
  problem: z.object({ reason: z.string(), at: z.iso.datetime() }).nullable(),
  grants: z.array(
    z.object({
      user: z.object({ id: z.uuid(), name: z.string() }),
      isMine: z.boolean(),
      state: z.enum(grantStates),
      connectedAt: z.iso.datetime(),
    }),
  ),
});
export type ConnectionJson = z.infer<typeof connectionSchema>;

/** Counts over everything the team has, for cards, filters and the banner. */
const connectionSummarySchema = z.object({
  total: z.number(),
  byProvider: z.record(
    z.enum(providers),
    z.object({
      total: z.number(),
      mine: z.number(),
      groups: z.number(),
      health: z.record(z.enum(healthKinds), z.number()),
      /** For the card's picture: at most twelve groups, worst first, each with its rows' health. */
      weave: z.array(
        z.object({
          groupKey: z.string(),
          groupName: z.string(),
          health: z.array(z.enum(healthKinds)),
        }),
      ),
    }),
  ),
  health: z.record(z.enum(healthKinds), z.number()),
});
export type ConnectionSummary = z.infer<typeof connectionSummarySchema>;

export const connectionListSchema = z.object({
  items: z.array(connectionSchema),
  /** The groups that these items are of, counted over all pages, in the list's order. */
  groups: z.array(
    z.object({
      provider: z.enum(providers),
      groupKey: z.string(),
      groupName: z.string(),
      total: z.number(),
      /** How many of them need somebody. */
      trouble: z.number(),
      worst: z.enum(healthKinds),
    }),
  ),
  nextCursor: z.string().nullable(),
  /** Rows that match the query, over all pages. */
  total: z.number(),
});
export type ConnectionList = z.infer<typeof connectionListSchema>;

export const connectionParamsSchema = z.strictObject({ connectionId: z.uuid() });

/** What the wizard knows of this studio: which ways are set up, and the texts to register. */
export type ConnectOptions = {
  quickConnectConfigured: boolean;
  packagedAppConfigured: boolean;
  packageId: string;
  demo: boolean;
  demoOrigin: string | null;
  redirectUris: Record<ProviderName, { web: string; desktop: string }>;
  demoMarketingCloud: {
    authBaseUri: string;
    restBaseUri: string;
    clientId: string;
    accountIds: { mid: number; name: string }[];
  } | null;
};

export type PersonOnMap = { id: string; name: string; isMe: boolean; count: number };
/** A company or tenant; a single connection where the map looks at one group or person. */
export type PlaceOnMap = {
  id: string;
  name: string;
  provider: ProviderName;
  /** Null for a group, which may hold several. */
  environment: Environment | null;
  /** How many connections it stands for. */
  connections: number;
};
export type ThreadOnMap = { personId: string; placeId: string; count: number; troubled: number };

export type PeopleMap = {
  /** Whose or which map it is; null for the whole team. */
  focus: { kind: "group" | "person"; name: string } | null;
  people: readonly PersonOnMap[];
  places: readonly PlaceOnMap[];
  threads: readonly ThreadOnMap[];
  /** What is not drawn because there is too much. */
  hidden: { people: number; places: number };
};
