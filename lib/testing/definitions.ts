import { connectionDefinitionSchema } from "#lib/connections/definition-schema.ts";
import type { ConnectionDefinition } from "#lib/connections/schema.ts";
import { presetScopes } from "#lib/providers/marketing-cloud/scopes.ts";

const define = (input: unknown): ConnectionDefinition => connectionDefinitionSchema.parse(input);

/** Definitions of the simulator's seeded companies. */
export const givenDefinitions = {
  /** Halden's production org through the studio's own app. */
  halden: define({
    provider: "salesforce",
    method: "quick",
    name: "Halden Production",
    environment: "production",
  }),
  haldenUat: define({
    provider: "salesforce",
    method: "quick",
    name: "uat",
    environment: "custom",
    customDomain: "haldenoutdoor--uat.sandbox.my.salesforce.com",
  }),
  /** One business unit of Halden's tenant. */
  haldenUnit: define({
    provider: "marketing-cloud",
    name: "Halden Nordics",
    clientId: "k3v9s1d7q2x5w8r4t6b0yzt4",
    authBaseUri: "https://mcb4x7t2k9qh1rn8v3z6w0pd5cys.auth.marketingcloudapis.com/",
    accountId: 514012388,
    scopes: [...presetScopes],
  }),
} as const;
