import type { Grant } from "#lib/grants/grant-repository.ts";
import type { Operation } from "#lib/providers/operation.ts";
import { providerOf } from "#lib/providers/registry.ts";

/**
 * What a grant lacks of the scopes that an operation needs, as its provider reads them: Salesforce's `full`
 * holds `api`, and `offline_access` is another name of `refresh_token`.
 */
export const missingScopesOf = (
  { provider, scopes }: Pick<Operation, "provider" | "scopes">,
  grant: Pick<Grant, "scopes">,
): string[] => providerOf(provider).missingScopes([...scopes], grant.scopes);
