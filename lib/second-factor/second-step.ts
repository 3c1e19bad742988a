import { recordEvent } from "#lib/audit/record-event.ts";
import { NotSignedInError } from "#lib/auth/errors.ts";
import { networkOf } from "#lib/auth/network.ts";
import type { Client } from "#lib/auth/open-session.ts";
import { createSession, endOwnSession, type SessionHolder } from "#lib/auth/sessions.ts";
import {
  accountPolicy,
  beginAttempt,
  forgetAttempts,
  networkPolicy,
  refundAttempt,
  throttleKey,
} from "#lib/auth/throttle.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { makeChallenge, takeChallenge } from "#lib/second-factor/challenge.ts";
import {
  PasskeyRefusedError,
  WrongCodeError,
  WrongRecoveryCodeError,
} from "#lib/second-factor/errors.ts";
import { findPasskeys } from "#lib/second-factor/find-passkeys.ts";
import { lockPerson } from "#lib/second-factor/lock-person.ts";
import { type RecoveryDeps, takeRecoveryCode } from "#lib/second-factor/recovery-codes.ts";
import type { PasskeyAnswer } from "#lib/second-factor/schema.ts";
import { openTotpSecret } from "#lib/second-factor/secrets.ts";
import { matchingStep } from "#lib/second-factor/totp.ts";
import { judgeAnswer, requestOptions } from "#lib/second-factor/webauthn.ts";
import type { WrapDeps } from "#lib/vault/data-key.ts";

type Deps = RecoveryDeps & { db: Database; vault: WrapDeps; studioUrl: string };
type Method = "totp" | "passkey" | "recovery_code";
/** Uses up what was given, under the person's lock; false where another was first. */
type Take = (tx: Transaction) => Promise<boolean>;

/** How long a network stays known to an account after a second step from it. */
const NETWORK_KNOWN_MS = 90 * 24 * 3_600_000;

/**
 * The second step by an authenticator app's code.
 *
 * @param holder - of a half session, or of a whole one that confirms again
 * @returns the token of the session that takes the place of the given one (WEB-3)
 * @throws {WrongCodeError} wrong, or used already
 * @throws {ThrottledError} too many wrong ones, of this account or from this network (WEB-2)
 */
export async function passWithCode(
  deps: Deps,
  holder: SessionHolder,
  input: { code: string },
  client: Client,
): Promise<Secret> {
  const attempt = { method: "totp" as const, refusal: () => new WrongCodeError() };
  return pass(deps, holder, client, attempt, async () => {
    const now = deps.clock.now();
    const factors = await deps.db.secondFactor.findMany({
      where: { userId: holder.userId, kind: "totp", confirmedAt: { not: null } },
    });
    for (const { id, userId, secretSealed, lastStep } of factors) {
      if (secretSealed === null) continue;
      const secret = await openTotpSecret(deps, holder, { id, userId, secretSealed });
      const step = matchingStep(
        secret,
        input.code,
        now,
        lastStep === null ? null : Number(lastStep),
      );
      if (step === null) continue;
      return async (tx) => {
        // A code is taken once: whoever comes second with it finds its step taken.
        const taken = await tx.secondFactor.updateMany({
          where: { id, OR: [{ lastStep: null }, { lastStep: { lt: BigInt(step) } }] },
          data: { lastStep: BigInt(step), lastUsedAt: now },
        });
        return taken.count === 1;
      };
    }
    return null;
  });
}

/** The second step by a recovery code, which is then used up. As `passWithCode`. */
export async function passWithRecoveryCode(
  deps: Deps,
  holder: SessionHolder,
  input: { code: Secret },
  client: Client,
): Promise<Secret> {
  const attempt = { method: "recovery_code" as const, refusal: () => new WrongRecoveryCodeError() };
  return pass(
    deps,
    holder,
    client,
    attempt,
    async () => (tx) => takeRecoveryCode(tx, deps, holder.userId, input.code),
  );
}

/** What the browser needs to ask one of the person's passkeys; good for five minutes, once. */
export async function beginPasskeyStep(deps: Deps, holder: SessionHolder) {
  const passkeys = await findPasskeys(deps, holder.userId);
  const challenge = await makeChallenge(deps, holder.sessionId, "step");
  return requestOptions(deps.studioUrl, challenge, passkeys);
}

/** The second step by a passkey. As `passWithCode`, with `PasskeyRefusedError` for a wrong answer. */
export async function passWithPasskey(
  deps: Deps,
  holder: SessionHolder,
  input: { answer: PasskeyAnswer },
  client: Client,
): Promise<Secret> {
  const attempt = { method: "passkey" as const, refusal: () => new PasskeyRefusedError() };
  return pass(deps, holder, client, attempt, async () => {
    const challenge = await takeChallenge(deps, holder.sessionId, "step");
    const passkeys = await findPasskeys(deps, holder.userId);
    const held = passkeys.find(
      ({ credentialId }) => Buffer.from(credentialId).toString("base64url") === input.answer.id,
    );
    if (challenge === null || held === undefined) return null;
    const counter = await judgeAnswer(deps.studioUrl, challenge, input.answer, held).catch(
      (error: unknown) => {
        if (error instanceof PasskeyRefusedError) return null;
        throw error;
      },
    );
    if (counter === null) return null;
    return async (tx) => {
      const taken = await tx.secondFactor.updateMany({
        where: { id: held.id, counter: BigInt(held.counter) },
        data: { counter: BigInt(counter), lastUsedAt: deps.clock.now() },
      });
      return taken.count === 1;
    };
  });
}

/** Counts, proves, and in one transaction takes the proof, ends the old session and makes the new. */
async function pass(
  deps: Deps,
  holder: SessionHolder,
  client: Client,
  attempt: { method: Method; refusal: () => Error },
  prove: () => Promise<Take | null>,
): Promise<Secret> {
  const network = networkOf(client.address);
  const accountBucket = await accountBucketOf(deps, holder.userId, network);
  const networkBucket = {
    key: throttleKey("second-step-network", network),
    policy: networkPolicy,
  };
  await beginAttempt(deps, [networkBucket, accountBucket]);
  const told = {
    principal: holder,
    target: { kind: "user", id: holder.userId },
    detail: { network, method: attempt.method },
    ...(client.requestId ? { requestId: client.requestId } : {}),
  } as const;

  const take = await prove();
  const token =
    take &&
    (await inTransaction(deps.db, async (tx) => {
      const { absoluteExpiresAt } = await lockPerson(tx, holder);
      if (!(await take(tx))) return null;
      if (!(await endOwnSession({ ...deps, db: tx }, holder, "replaced"))) {
        throw new NotSignedInError();
      }
      const session = await createSession(tx, deps, {
        userId: holder.userId,
        teamId: holder.teamId,
        network,
        userAgent: client.userAgent,
        secondFactorAt: deps.clock.now(),
        absoluteExpiresAt,
      });
      await recordEvent(tx, deps, {
        ...told,
        action: "user.second_step_passed",
        principal: { ...holder, sessionId: session.id },
        result: "success",
      });
      await forgetAttempts({ ...deps, db: tx }, accountBucket);
      await refundAttempt({ ...deps, db: tx }, networkBucket);
      return session.token;
    }));
  if (token) return token;
  await inTransaction(deps.db, (tx) =>
    recordEvent(tx, deps, { ...told, action: "user.second_step_refused", result: "refused" }),
  );
  throw attempt.refusal();
}

// As at sign-in: strangers share a count, a network where the person passed before has its own.
async function accountBucketOf(deps: Deps, userId: string, network: string) {
  const known = await deps.db.session.findFirst({
    where: {
      userId,
      network,
      secondFactorAt: { not: null },
      createdAt: { gt: new Date(deps.clock.now().getTime() - NETWORK_KNOWN_MS) },
    },
    select: { id: true },
  });
  const key = known
    ? throttleKey("second-step-known", userId, network)
    : throttleKey("second-step", userId);
  return { key, policy: accountPolicy };
}
