import type { ProviderName } from "#lib/connections/schema.ts";
import { lossWithout } from "#lib/connections/scope-loss.ts";

/** The loss of several, short enough for a row: the first, and how many more. */
export function lossInShort(provider: ProviderName, scopes: readonly string[]): string {
  const [first, ...rest] = scopes;
  if (first === undefined) return "";
  const words = lossWithout(provider, first).replace(/^Agents cannot /, "Cannot ");
  return rest.length === 0 ? words : `${words}, ${rest.length} more`;
}
