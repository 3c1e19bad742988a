import { type Remedy, StudioError } from "#lib/core/errors.ts";
import { demoTarget, type EgressTarget, providerTarget } from "#lib/egress/target.ts";
import { isMarketingCloudHost } from "#lib/providers/marketing-cloud/hosts.ts";
import { isSalesforceHost } from "#lib/providers/salesforce/hosts.ts";
import type { Environment } from "#lib/providers/vocabulary.ts";

/** The demo's servers are switched off here: what is connected to them cannot be reached. */
export class DemoOffError extends StudioError {
  readonly code = "providers.demo_off";
  readonly status = 409;
  readonly userMessage = "The demo is switched off on this studio.";
  readonly remedy: Remedy = { do: "ask-admin" };
}

/**
 * Turns checked hosts into addresses, and addresses from answers back into hosts. The demo's servers
 * stand behind one origin with the host as first part of the path; everything else is https on the
 * host itself.
 */
export type ProviderAddresses = {
  /**
   * Address of a host, no slash at the end: what is shown, and where people are sent. For the demo's
   * hosts the demo's own, while it is on.
   */
  publicBase(environment: Environment, host: string): string;
  /**
   * Where we call.
   *
   * @throws {InvalidInputError} the host is not a provider's
   * @throws {DemoOffError}
   */
  target(environment: Environment, host: string): EgressTarget;
  /** Host of an address that a provider gave us; null unless it is exactly what we would build. */
  hostOf(environment: Environment, url: string): string | null;
};

export function providerAddresses(settings: { demoOrigin: string | null }): ProviderAddresses {
  const base = (environment: Environment, host: string) =>
    environment === "demo" && settings.demoOrigin
      ? `${settings.demoOrigin}/${host}`
      : `https://${host}`;
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
  if (!origin) throw new DemoOffError();
  return origin;
}
