import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import type { HeldPasskey } from "#lib/second-factor/webauthn.ts";

export type PasskeyRow = HeldPasskey & { id: string; transports: string[] };

/** A person's passkeys, with what is needed to ask and to judge them. */
export async function findPasskeys(
  deps: { db: DatabaseOrTransaction },
  userId: string,
): Promise<PasskeyRow[]> {
  const rows = await deps.db.secondFactor.findMany({
    where: { userId, kind: "passkey", confirmedAt: { not: null } },
  });
  return rows.flatMap(({ id, credentialId, publicKey, counter, transports }) =>
    credentialId && publicKey
      ? [{ id, credentialId, publicKey, counter: Number(counter ?? 0n), transports }]
      : [],
  );
}
