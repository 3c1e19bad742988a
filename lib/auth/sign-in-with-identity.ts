import { createHash } from "node:crypto";
import { recordEvent } from "#lib/audit/record-event.ts";
import { networkOf } from "#lib/auth/network.ts";
import {
  type Client,
  firstTeamOf,
  type OpenedSession,
  openSession,
} from "#lib/auth/open-session.ts";
import type { SignInProblem } from "#lib/auth/schema.ts";
import { findSessionHolder, type SessionHolder } from "#lib/auth/sessions.ts";
import type { ProvenIdentity } from "#lib/auth/sign-in-ways.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";

/** So long an identity waits for the account's person to prove themselves. */
export const PENDING_IDENTITY_MS = 10 * 60_000;
const TOKEN_BYTES = 32;

/**
 * Somebody in no team, with an address that a provider verified: no account knows it or, with `userId`,
 * the account is proven to be theirs.
 */
export type Newcomer = { email: string; name: string; userId: string | null };
/**
 * Lets a newcomer in, by an invitation or an allowed mail domain: makes what is missing of the person
 * and the membership.
 * @returns `null` where nothing lets them in
 */
export type Admit = (
  tx: Transaction,
  newcomer: Newcomer,
) => Promise<{ userId: string; teamId: string } | null>;

export type IdentityDeps = { db: Database; clock: Clock; random: Random; admit: Admit };

export type IdentitySignIn =
  | { kind: "signed-in"; opened: OpenedSession }
  /** The address is an account's: nothing is merged. `token` goes to this browser alone (WEB-12). */
  | { kind: "needs-linking"; token: Secret }
  | { kind: "refused"; problem: SignInProblem };

/**
 * Signs in whom an identity provider proved: the account that this issuer and subject are linked to, or
 * a newcomer whom something lets in. An address never stands for a person: where it is an account's
 * already, the identity waits until that account's person proved themselves too (WEB-12).
 *
 * @param replaces - token of the session that this browser had: it ends (WEB-3)
 */
export async function signInWithIdentity(
  deps: IdentityDeps,
  identity: ProvenIdentity,
  replaces: Secret | null,
  client: Client,
): Promise<IdentitySignIn> {
  const replaced = replaces ? await findSessionHolder(deps, replaces) : null;
  return inTransaction(deps.db, async (tx) => {
    await lockIdentity(tx, identity);
    const known = await tx.identity.findUnique({
      where: { issuer_subject: { issuer: identity.issuer, subject: identity.subject } },
      select: { id: true, user: { select: { id: true, disabledAt: true } } },
    });
    const found = known
      ? await signInKnown(tx, deps, identity, known, replaced, client)
      : await signInUnknown(tx, deps, identity, replaced, client);
    if (found.kind !== "signed-in") {
      const reason = found.kind === "refused" ? found.problem : "auth.needs_linking";
      await recordRefusal(tx, deps, identity, reason, client, known?.user.id ?? null);
    }
    return found;
  });
}

type Known = { id: string; user: { id: string; disabledAt: Date | null } };

async function signInKnown(
  tx: Transaction,
  deps: IdentityDeps,
  identity: ProvenIdentity,
  known: Known,
  replaced: SessionHolder | null,
  client: Client,
): Promise<IdentitySignIn> {
  const { id: userId, disabledAt } = known.user;
  if (disabledAt) return { kind: "refused", problem: "auth.not_admitted" };
  const email = identity.verifiedEmail;
  const admitted = async () =>
    email ? await deps.admit(tx, { email, name: nameOf(identity, email), userId }) : null;
  const teamId = (await firstTeamOf(tx, userId)) ?? (await admitted())?.teamId;
  if (!teamId) return { kind: "refused", problem: "auth.not_admitted" };
  await tx.identity.update({
    where: { id: known.id },
    data: {
      lastUsedAt: deps.clock.now(),
      ...(email ? { email } : {}),
    },
  });
  const who = { userId, teamId, method: identity.way };
  return { kind: "signed-in", opened: await openSession(tx, deps, who, client, replaced) };
}

async function signInUnknown(
  tx: Transaction,
  deps: IdentityDeps,
  identity: ProvenIdentity,
  replaced: SessionHolder | null,
  client: Client,
): Promise<IdentitySignIn> {
  const email = identity.verifiedEmail;
  if (!email) return { kind: "refused", problem: "auth.email_unverified" };
  const account = await tx.user.findUnique({ where: { email }, select: { id: true } });
  if (account) return waitForProof(tx, deps, { ...identity, verifiedEmail: email }, account.id);
  const newcomer = { email, name: nameOf(identity, email), userId: null };
  const admitted = await deps.admit(tx, newcomer);
  if (!admitted) return { kind: "refused", problem: "auth.not_admitted" };
  const opened = await openSession(
    tx,
    deps,
    { userId: admitted.userId, teamId: admitted.teamId, method: identity.way },
    client,
    replaced,
  );
  const principal = { ...admitted, sessionId: opened.sessionId };
  await storeIdentity(tx, deps, identity, principal, client);
  return { kind: "signed-in", opened };
}

async function waitForProof(
  tx: Transaction,
  deps: IdentityDeps,
  identity: ProvenIdentity & { verifiedEmail: string },
  userId: string,
): Promise<IdentitySignIn> {
  const now = deps.clock.now();
  const token = new Secret(deps.random.token(TOKEN_BYTES));
  await tx.pendingIdentity.deleteMany({ where: { expiresAt: { lte: now } } });
  await tx.pendingIdentity.create({
    data: {
      id: deps.random.uuid(),
      tokenHash: pendingHash(token),
      userId,
      way: identity.way,
      issuer: identity.issuer,
      subject: identity.subject,
      email: identity.verifiedEmail,
      createdAt: now,
      expiresAt: new Date(now.getTime() + PENDING_IDENTITY_MS),
    },
  });
  return { kind: "needs-linking", token };
}

/** Only this is stored of a waiting identity's token. */
export const pendingHash = (token: Secret): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHash("sha256").update(`pending:${token.reveal()}`).digest());

type Stored = Pick<ProvenIdentity, "way" | "issuer" | "subject"> & { verifiedEmail: string | null };

/** Makes an identity somebody's way in, with its event; in the caller's transaction. */
export async function storeIdentity(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  identity: Stored,
  principal: SessionHolder,
  client: Client,
): Promise<void> {
  const id = deps.random.uuid();
  const now = deps.clock.now();
  await tx.identity.create({
    data: {
      id,
      userId: principal.userId,
      way: identity.way,
      issuer: identity.issuer,
      subject: identity.subject,
      email: identity.verifiedEmail,
      createdAt: now,
      lastUsedAt: now,
    },
  });
  await recordEvent(tx, deps, {
    action: "user.identity_linked",
    principal,
    target: { kind: "identity", id },
    result: "success",
    detail: { method: identity.way, issuer: identity.issuer },
    ...(client.requestId ? { requestId: client.requestId } : {}),
  });
}

/** One decision about an identity at a time, over all processes, whether it is stored yet or not. */
export async function lockIdentity(
  tx: Transaction,
  identity: Pick<ProvenIdentity, "issuer" | "subject">,
): Promise<void> {
  const key = `identity\n${identity.issuer}\n${identity.subject}`;
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
}

async function recordRefusal(
  tx: Transaction,
  deps: IdentityDeps,
  identity: ProvenIdentity,
  reason: SignInProblem,
  client: Client,
  userId: string | null,
): Promise<void> {
  const teamId = userId ? await firstTeamOf(tx, userId) : null;
  await recordEvent(tx, deps, {
    action: "user.sign_in_refused",
    principal: null,
    ...(teamId ? { teamId } : {}),
    ...(userId ? { target: { kind: "user", id: userId } } : {}),
    result: "refused",
    detail: { network: networkOf(client.address), method: identity.way, reason },
    ...(client.requestId ? { requestId: client.requestId } : {}),
  });
}

/** A provider's text: shown to colleagues, so without control and direction characters, and short. */
function nameOf(identity: ProvenIdentity, email: string): string {
  const name = identity.name?.replace(/\p{C}/gu, "").trim().normalize("NFC");
  return name ? [...name].slice(0, 80).join("") : email;
}
