import { demoMarketingCloud } from "#lib/connections/demo.ts";
import { redirectUris } from "#lib/connections/redirect-uris.ts";
import type { ConnectOptions } from "#lib/connections/schema.ts";
import type { Env } from "#lib/core/env.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import { parseTenant } from "#lib/providers/marketing-cloud/hosts.ts";

/** Package of the MeshMesh app where the operator names no other. */
const defaultPackageId = "04tfj000000GGiLAAW";

/** What the wizard needs to know of this studio; no secret is among it. */
export function connectOptions(deps: {
  settings: Pick<Env, "salesforce" | "demoUrl" | "studioUrl" | "desktopAuthUrl">;
  addresses: ProviderAddresses;
}): ConnectOptions {
  const { settings } = deps;
  const tenant = parseTenant(demoMarketingCloud.subdomain);
  return {
    quickConnectConfigured: settings.salesforce.clientId !== null,
    packagedAppConfigured: settings.salesforce.packageClientId !== null,
    packageId: settings.salesforce.packageId ?? defaultPackageId,
    demo: settings.demoUrl !== null,
    demoOrigin: settings.demoUrl,
    redirectUris: {
      salesforce: redirectUris(settings, "salesforce"),
      "marketing-cloud": redirectUris(settings, "marketing-cloud"),
    },
    demoMarketingCloud:
      settings.demoUrl && tenant.ok
        ? {
            authBaseUri: `https://${tenant.tenant.authHost}/`,
            restBaseUri: `https://${tenant.tenant.restHost}/`,
            clientId: demoMarketingCloud.clientId,
            accountIds: [...demoMarketingCloud.accountIds],
          }
        : null,
  };
}
