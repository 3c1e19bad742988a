import type { Checkup } from "#lib/providers/checkup.ts";
import { marketingCloudCheckup } from "#lib/providers/marketing-cloud/checkup.ts";
import { marketingCloud } from "#lib/providers/marketing-cloud/provider.ts";
import { marketingCloudProxyDialect } from "#lib/providers/marketing-cloud/proxy-dialect.ts";
import type { Provider } from "#lib/providers/provider.ts";
import type { ProxyDialect } from "#lib/providers/proxy-dialect.ts";
import { salesforceCheckup } from "#lib/providers/salesforce/checkup.ts";
import { salesforce } from "#lib/providers/salesforce/provider.ts";
import { salesforceProxyDialect } from "#lib/providers/salesforce/proxy-dialect.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

const byName: Readonly<Record<ProviderName, Provider>> = {
  salesforce,
  "marketing-cloud": marketingCloud,
};

export function providerOf(name: ProviderName): Provider {
  return byName[name];
}

const checkups: Readonly<Record<ProviderName, Checkup>> = {
  salesforce: salesforceCheckup,
  "marketing-cloud": marketingCloudCheckup,
};

export function checkupOf(name: ProviderName): Checkup {
  return checkups[name];
}

const proxyDialects: Readonly<Record<ProviderName, ProxyDialect>> = {
  salesforce: salesforceProxyDialect,
  "marketing-cloud": marketingCloudProxyDialect,
};

export function proxyDialectOf(name: ProviderName): ProxyDialect {
  return proxyDialects[name];
}
