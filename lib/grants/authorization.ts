import type { Env } from "#lib/core/env.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { Database } from "#lib/db/client.ts";
import type { Egress } from "#lib/egress/egress.ts";
import type { AccessTokens } from "#lib/grants/access-tokens.ts";
import type { QueueDeps } from "#lib/grants/queue-revocation.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import type { InstanceHosts, ProviderIdentity } from "#lib/providers/provider.ts";

/** What a flow's end needs: to ask the provider, to store, and to keep the access token. */
export type CompleteFlowDeps = QueueDeps & {
  db: Database;
  egress: Egress;
  addresses: ProviderAddresses;
  settings: Pick<Env, "salesforce">;
  accessTokens: AccessTokens;
};

/** A person's authorization, proven and not yet stored. */
export type Authorization = {
  accessToken: Secret;
  refreshToken: Secret;
  lifetimeMs: number;
  /** When the answer came, on the monotonic clock: the lifetime counts from here (RF-9). */
  receivedAtMs: number;
  scopes: string[];
  missingScopes: string[];
  hosts: InstanceHosts;
  identity: ProviderIdentity;
};

/** What is stored of it, at once or after the owner's word. */
export type StoredAuthorization = Pick<
  Authorization,
  "refreshToken" | "scopes" | "missingScopes" | "hosts" | "identity"
> & {
  accessTokenExpiresAt: Date | null;
  /** When the provider said who this is. */
  provenAt: Date;
};
