import type { GrantRecord } from "#lib/connections/repository.ts";
import type { ProviderIdentity } from "#lib/providers/provider.ts";

type Identity = Pick<ProviderIdentity, "userId" | "orgId" | "memberId">;

/** Salesforce ids of 15 and 18 characters name the same thing. */
const short = (id: string | null) => id?.slice(0, 15) ?? null;

/** Is it the org that a definition is known to name? Before the first proof any org is. */
export function isSameOrg(known: string | null, now: string | null): boolean {
  return known === null || short(known) === short(now);
}

/** Is it the same person in the same org or business unit as the grant holds? */
export function isSameIdentity(
  grant: Pick<GrantRecord, "providerUserId" | "orgId" | "memberId">,
  now: Identity,
): boolean {
  const isSamePerson =
    grant.orgId === null
      ? grant.providerUserId === now.userId
      : short(grant.providerUserId) === short(now.userId);
  return isSamePerson && short(grant.orgId) === short(now.orgId) && grant.memberId === now.memberId;
}
