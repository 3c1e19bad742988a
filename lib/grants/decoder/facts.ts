import type { ConnectionMethod } from "#lib/connections/schema.ts";
import type { Environment, ProviderName, Surface } from "#lib/providers/vocabulary.ts";

/** What is known about the sign-in that ended badly; every part may be missing. */
export type DecoderFacts = {
  provider: ProviderName | null;
  method: ConnectionMethod | null;
  environment: Environment | null;
  connectionId: string | null;
  connectionName: string | null;
  /** Host that people sign in at. */
  host: string | null;
  redirectUri: string | null;
  clientId: string | null;
  /** Asked for, in the provider's words. */
  scopes: readonly string[];
  accountId: number | null;
  /** Business unit that the person was in instead. */
  actualAccountId: number | null;
  /** Page that installs the packaged app, on the host that was chosen. */
  installUrl: string | null;
};

export const noFacts: DecoderFacts = {
  provider: null,
  method: null,
  environment: null,
  connectionId: null,
  connectionName: null,
  host: null,
  redirectUri: null,
  clientId: null,
  scopes: [],
  accountId: null,
  actualAccountId: null,
  installUrl: null,
};

/** What a link to the wizard chooses anew. */
export type WizardChanges = {
  environment?: Environment;
  method?: ConnectionMethod;
  surface?: Surface;
};

/** The wizard, filled with what is known. `from` lets it take over the other fields of a connection. */
export function wizardPath(
  facts: Pick<DecoderFacts, "provider" | "environment" | "method" | "connectionId">,
  changes: WizardChanges = {},
): string {
  const query = new URLSearchParams();
  const environment = changes.environment ?? facts.environment;
  const method = changes.method ?? facts.method;
  if (facts.provider) query.set("provider", facts.provider);
  if (facts.provider === "salesforce" && environment) query.set("environment", environment);
  if (facts.provider === "salesforce" && method) query.set("method", method);
  if (changes.surface) query.set("surface", changes.surface);
  if (facts.connectionId) query.set("from", facts.connectionId);
  const text = query.toString();
  return text ? `/integrations/new?${text}` : "/integrations/new";
}

/** MIDs in groups of three for reading; copied without the spaces. */
export function groupMid(mid: number): string {
  return String(mid).replace(/\B(?=(\d{3})+$)/g, " ");
}
