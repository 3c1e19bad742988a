import { recordEvent } from "#lib/audit/record-event.ts";
import type { SessionHolder } from "#lib/auth/sessions.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type DatabaseOrTransaction, inTransaction } from "#lib/db/client.ts";
import type { WrapDeps } from "#lib/vault/data-key.ts";
import { openSecret } from "#lib/vault/open.ts";
import { seal } from "#lib/vault/seal.ts";
import type { SecretContext } from "#lib/vault/secret-context.ts";

type Factor = { id: string; userId: string };
type Deps = { db: DatabaseOrTransaction; clock: Clock; random: Random; vault: WrapDeps };

/** The place of an authenticator app's secret (VA-2): it opens for no other factor or person. */
export const totpContext = (factor: Factor): SecretContext => ({
  table: "second_factors",
  column: "secret_sealed",
  rowId: factor.id,
  ownerId: factor.userId,
  // A person's own, in whichever team they are.
  teamId: "",
  provider: null,
  tenantHost: null,
  clientId: null,
  kind: "totp_secret",
});

export const sealTotpSecret = (deps: Pick<Deps, "vault">, factor: Factor, secret: Secret) =>
  seal(deps.vault, secret, totpContext(factor));

/** Opens an app's secret to check a code; who stands at the step is written first (VA-11). */
export async function openTotpSecret(
  deps: Deps,
  holder: SessionHolder,
  factor: Factor & { secretSealed: string },
): Promise<Secret> {
  const purpose = "check_code";
  const recordOpening = () =>
    inTransaction(deps.db, (tx) =>
      recordEvent(tx, deps, {
        action: "secret.opened",
        principal: holder,
        target: { kind: "second_factor", id: factor.id },
        result: "success",
        detail: { purpose, kind: "totp_secret" },
      }),
    );
  return openSecret({ ...deps.vault, recordOpening }, factor.secretSealed, totpContext(factor), {
    purpose,
  });
}
