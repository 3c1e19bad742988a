import { type CreateConnectionDeps, createConnection } from "#lib/connections/create-connection.ts";
import { demoMarketingCloud, demoSalesforce } from "#lib/connections/demo.ts";
import {
  marketingCloudDefinitionSchema,
  salesforceDefinitionSchema,
} from "#lib/connections/schema.ts";
import { knownScopes } from "#lib/providers/marketing-cloud/scopes.ts";

/** Gives the first owner's team the demo org and the demo tenant, ready to connect; nothing while the demo is off. */
export async function createDemoConnections(
  deps: CreateConnectionDeps,
  owner: { teamId: string; userId: string },
): Promise<void> {
  if (!deps.settings.demoUrl) return;
  const principal = {
    ...owner,
    role: "owner",
    sessionId: null,
    hasSecondFactor: false,
    secondFactorAt: null,
  } as const;
  await createConnection(
    deps,
    principal,
    salesforceDefinitionSchema.parse({
      provider: "salesforce",
      method: "quick",
      name: demoSalesforce.name,
      environment: "demo",
      scopes: [...demoSalesforce.scopes],
    }),
  );
  await createConnection(
    deps,
    principal,
    marketingCloudDefinitionSchema.parse({
      provider: "marketing-cloud",
      name: demoMarketingCloud.name,
      environment: "demo",
      clientId: demoMarketingCloud.clientId,
      authBaseUri: demoMarketingCloud.subdomain,
      scopes: [...knownScopes],
    }),
  );
}
