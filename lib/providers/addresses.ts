import { demoTarget, type EgressTarget, providerTarget } from "#lib/egress/target.ts";
import { isMarketingCloudHost } from "#lib/providers/marketing-cloud/hosts.ts";
import { isSalesforceHost } from "#lib/providers/salesforce/hosts.ts";
import type { Environment } from "#lib/providers/vocabulary.ts";

/**
 * Turns checked hosts into addresses, and addresses from answers back into hosts. The demo's servers
 * stand behind one origin with the host as first part of the path; everything else is https on the
 * host itself.
 */
export type ProviderAddresses = {
  /** Where people are sent: `https://{host}`, no slash at the end. */
  publicBase(environment: Environment, host: string): string;
  /** Where we call. @throws {InvalidInputError} the host is not a provider's */
  target(environment: Environment, host: string): EgressTarget;
  /** Host of an address that a provider gave us; null unless it is exactly what we would build. */
  hostOf(environment: Environment, url: string): string | null;
};

export function providerAddresses(settings: { demoOrigin: string | null }): ProviderAddresses {
  const base = (environment: Environment, host: string) =>
    environment === "demo" ? `${requiredOrigin(settings.demoOrigin)}/${host}` : `https://${host}`;
  return {
    publicBase: base,
    target: (environment, host) =>
      environment === "demo"
        ? demoTarget(requiredOrigin(settings.demoOrigin), host)
        : providerTarget(host, (name) => isSalesforceHost(name) || isMarketingCloudHost(name)),
    hostOf(environment, url) {
      const host =
        environment === "demo" && settings.demoOrigin
          ? url.slice(settings.demoOrigin.length + 1).split("/")[0]
          : url.match(/^(?:https:\/\/)?([^/?#]+)\/?$/)?.[1];
      if (!host || !(isSalesforceHost(host) || isMarketingCloudHost(host))) return null;
      const expected = base(environment, host);
      return [expected, `${expected}/`, host, `${host}/`].includes(url) ? host : null;
    },
  };
}

function requiredOrigin(origin: string | null): string {
  if (!origin) throw new Error("the demo is switched off");
  return origin;
}
