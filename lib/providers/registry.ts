import { marketingCloud } from "#lib/providers/marketing-cloud/provider.ts";
import type { Provider } from "#lib/providers/provider.ts";
import { salesforce } from "#lib/providers/salesforce/provider.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

const byName: Readonly<Record<ProviderName, Provider>> = {
  salesforce,
  "marketing-cloud": marketingCloud,
};

export function providerOf(name: ProviderName): Provider {
  return byName[name];
}
