import { recordEvent } from "#lib/audit/record-event.ts";
import { chanceOf } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import type { Egress } from "#lib/egress/egress.ts";
import {
  claimRevocation,
  findRevocation,
  listDueRevocations,
  type Revocation,
  settleClaim,
} from "#lib/grants/revocation-repository.ts";
import { claimMs, nextAttemptAt } from "#lib/grants/revocation-schedule.ts";
import { openToEnd, revocationContext, type VaultDeps } from "#lib/grants/secrets.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import type { RevocationAnswer } from "#lib/providers/provider.ts";
import { providerOf } from "#lib/providers/registry.ts";

export type AttemptDeps = VaultDeps & {
  db: Database;
  egress: Egress;
  addresses: ProviderAddresses;
};

const dueBatch = 50;
/** Calls at once, so that a provider that comes back after hours is not overrun. */
const atOnce = 4;

/**
 * Asks the provider to end a token that was queued, once, and writes what it said; unconfirmed, it is
 * tried again later. Over all processes one asks at a time. The opening is committed before the call and
 * the outcome after it, so an interrupted attempt leaves a trace and is made again.
 *
 * @param options.isDue - only where its time has come; false when a person asks for it now
 * @returns how it stands now; null where it does not exist
 */
export async function attemptRevocation(
  deps: AttemptDeps,
  principal: Principal | null,
  id: string,
  options: { isDue: boolean },
): Promise<Revocation | null> {
  const claimed = await inTransaction(deps.db, (tx) => claim(deps, tx, principal, id, options));
  if (claimed) {
    const answer = await ask(deps, claimed.revocation, claimed.token);
    await inTransaction(deps.db, (tx) => settle(deps, tx, principal, claimed.revocation, answer));
  }
  return findRevocation(deps.db, id);
}

/** The same for several that were just queued; the first failure of ours is thrown after all ended. */
export async function attemptRevocations(
  deps: AttemptDeps,
  principal: Principal | null,
  queued: readonly (Pick<Revocation, "id" | "state"> | null)[],
): Promise<Map<string, Revocation>> {
  const ids = queued.flatMap((each) => (each?.state === "pending" ? [each.id] : []));
  const done = new Map<string, Revocation>();
  await eachOf(ids, async (id) => {
    const revocation = await attemptRevocation(deps, principal, id, { isDue: true });
    if (revocation) done.set(id, revocation);
  });
  return done;
}

/**
 * Tries everything that is due, for everybody, until nothing is. One that fails on our side is left to
 * the next run and keeps no other from its turn.
 */
export async function attemptDueRevocations(
  deps: AttemptDeps,
  signal?: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  const tried = new Set<string>();
  while (!signal?.aborted) {
    const ids = (await listDueRevocations(deps.db, deps.clock.now(), dueBatch)).filter(
      (id) => !tried.has(id),
    );
    if (ids.length === 0) break;
    await eachOf(ids, async (id) => {
      tried.add(id);
      if (signal?.aborted) return;
      await attemptRevocation(deps, null, id, { isDue: true }).catch((error: unknown) =>
        failures.push(error),
      );
    });
  }
  if (failures.length > 0) throw failures[0];
}

async function eachOf(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  const left = [...ids];
  const worker = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) await work(id);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function claim(
  deps: AttemptDeps,
  tx: Transaction,
  principal: Principal | null,
  id: string,
  { isDue }: { isDue: boolean },
): Promise<{ revocation: Revocation; token: Secret } | null> {
  const now = deps.clock.now();
  const until = new Date(now.getTime() + claimMs);
  const revocation = await claimRevocation(tx, id, { now, until, isDue });
  if (!revocation) return null;
  const token = revocation.tokenSealed
    ? await openToEnd(
        { ...deps, db: tx },
        principal,
        revocation.tokenSealed,
        revocationContext(revocation),
        { purpose: "revoke", connectionId: revocation.connectionId },
      )
    : null;
  if (token) return { revocation, token };
  await settleClaim(tx, revocation, {
    state: "not_possible",
    reason: "unreadable_secret",
    settledAt: now,
    httpStatus: null,
    providerRequest: null,
  });
  await record(deps, tx, principal, revocation, "failed", { outcome: "unreadable_secret" });
  return null;
}

/** Null where no answer came. */
async function ask(
  deps: AttemptDeps,
  { provider, environment, tokenHost }: Revocation,
  token: Secret,
): Promise<RevocationAnswer | null> {
  const { revocation } = providerOf(provider);
  if (!revocation.offered) return null;
  try {
    return await revocation.revoke(deps, { environment, tokenHost }, token);
  } catch {
    // The provider does not answer, or the demo is off: not confirmed, and asked again.
    return null;
  }
}

async function settle(
  deps: AttemptDeps,
  tx: Transaction,
  principal: Principal | null,
  revocation: Revocation,
  answer: RevocationAnswer | null,
): Promise<void> {
  const now = deps.clock.now();
  const outcome = answer?.outcome ?? "later";
  const said = { httpStatus: answer?.status ?? null, providerRequest: answer?.requestId ?? null };
  const next =
    outcome === "later"
      ? nextAttemptAt({
          now,
          createdAt: revocation.createdAt,
          attempts: revocation.attempts,
          chance: chanceOf(deps.random),
          askedToWaitMs: (answer?.retryAfterSeconds ?? 0) * 1000,
        })
      : null;
  const state = outcome === "later" ? "gave_up" : outcome;
  const isOurs = await settleClaim(
    tx,
    revocation,
    next ? { ...said, state: "pending", nextAttemptAt: next } : { ...said, state, settledAt: now },
  );
  if (!isOurs) return;
  await record(deps, tx, principal, revocation, outcome === "confirmed" ? "success" : "failed", {
    outcome: next ? "unconfirmed" : state,
    status: said.httpStatus,
    requestId: said.providerRequest,
  });
}

async function record(
  deps: AttemptDeps,
  tx: Transaction,
  principal: Principal | null,
  revocation: Revocation,
  result: "success" | "failed",
  detail: Record<string, string | number | null>,
): Promise<void> {
  await recordEvent(tx, deps, {
    action: "grant.revocation_attempted",
    principal,
    teamId: revocation.teamId,
    target: { kind: "revocation", id: revocation.id },
    connectionId: revocation.connectionId,
    ...(revocation.userId === principal?.userId ? {} : { onBehalfOf: revocation.userId }),
    result,
    detail: { cause: revocation.cause, attempt: revocation.attempts, ...detail },
  });
}
