import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";

const CHALLENGE_BYTES = 32;
const CHALLENGE_LIFE_MS = 5 * 60_000;

export type ChallengePurpose = "add" | "step";
type Deps = { db: DatabaseOrTransaction; clock: Clock; random: Random };

/** A new challenge for this session and purpose, for five minutes; the one before is void. */
export async function makeChallenge(
  deps: Deps,
  sessionId: string,
  purpose: ChallengePurpose,
): Promise<Uint8Array<ArrayBuffer>> {
  const challenge = deps.random.token(CHALLENGE_BYTES);
  const expiresAt = new Date(deps.clock.now().getTime() + CHALLENGE_LIFE_MS);
  await deps.db.passkeyChallenge.upsert({
    where: { sessionId_purpose: { sessionId, purpose } },
    create: { sessionId, purpose, challenge, expiresAt },
    update: { challenge, expiresAt },
  });
  return Uint8Array.from(Buffer.from(challenge, "base64url"));
}

/** Takes the challenge, whatever comes of it: it is never asked again. `null` where there is none. */
export async function takeChallenge(
  deps: Deps,
  sessionId: string,
  purpose: ChallengePurpose,
): Promise<string | null> {
  const [taken] = await deps.db.$queryRaw<{ challenge: string; expires_at: Date }[]>`
    delete from passkey_challenges where session_id = ${sessionId}::uuid and purpose = ${purpose}
    returning challenge, expires_at`;
  return taken && taken.expires_at > deps.clock.now() ? taken.challenge : null;
}
