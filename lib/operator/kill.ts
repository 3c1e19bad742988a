import type { AuditAction } from "#lib/audit/actions.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import { isSetBack } from "#lib/db/set-back.ts";
import type { StudioDeps } from "#lib/deps.ts";
import { attemptRevocations } from "#lib/grants/attempt-revocation.ts";
import { endFlow } from "#lib/grants/cancel-flow.ts";
import { lockGrant } from "#lib/grants/grant-repository.ts";
import { queueGrantToken } from "#lib/grants/queue-revocation.ts";
import type { Revocation } from "#lib/grants/revocation-repository.ts";
import {
  countLeft,
  disableSomeAgents,
  endSomeGrants,
  endSomeLeases,
  endSomeSessions,
  forgetToken,
  type KillCounts,
  type KillTarget,
  listOpenFlowsOf,
  listUnqueued,
  setUserDisabled,
  teamsOf,
  userExists,
} from "#lib/operator/kill-repository.ts";
import { sweepPlans } from "#lib/plans/end-plan.ts";

type Deps = Pick<
  StudioDeps,
  "db" | "clock" | "random" | "vault" | "revocationQueue" | "egress" | "addresses" | "accessTokens"
>;

/** Rows that one transaction ends. */
const blockBatch = 500;
/** Tokens that one transaction seals anew. */
const queueBatch = 25;
const mostTries = 5;

export type KillResult = {
  agents: number;
  leases: number;
  sessions: number;
  flows: number;
  grants: number;
  /** Handed to the list of revocations, as they stand after the first attempt. */
  revocations: Revocation[];
};

/** Told as it goes on: what has been done of each kind so far. */
export type KillProgress = (step: keyof KillResult, done: number) => void;

/** @throws {NotFoundError} there is nothing under this id */
export async function countKill(deps: Pick<Deps, "db" | "clock">, target: KillTarget) {
  await requireTarget(deps, target);
  return countLeft(deps.db, target, deps.clock.now());
}

/**
 * The emergency stop (OPS-4). Everything of the target is blocked first, in a few large transactions that
 * every instance hears of within a second: agents disabled and their keys revoked, leases, sessions and
 * open sign-ins ended, grants disconnected. Then each grant's token goes to the list of revocations, and
 * the providers are asked. Killed in the middle and begun again, it goes on where it stopped.
 *
 * @param options.asksProviders - false leaves the list to running studios, which work it off every minute
 * @throws {NotFoundError} there is nothing under this id
 */
export async function kill(
  deps: Deps,
  target: KillTarget,
  options: { asksProviders: boolean },
  tell: KillProgress = () => {},
): Promise<KillResult> {
  await requireTarget(deps, target);
  await recordKill(deps, target, "intent", {});
  const result: KillResult = {
    agents: 0,
    leases: 0,
    sessions: 0,
    flows: 0,
    grants: 0,
    revocations: [],
  };
  if (target.kind === "user") await disableUser(deps, target.id, deps.clock.now());
  for (const [step, block] of blocks) {
    result[step] = await untilNone(
      () => block(deps, target),
      (done) => tell(step, done),
    );
  }
  // Plans stand on what was just ended; one that is being applied sends no further step.
  await again(() => sweepPlans(deps));
  await queueTokens(deps, target, options, (queued) => {
    result.revocations.push(...queued);
    tell("revocations", result.revocations.length);
  });
  const { revocations, ...ended } = result;
  await recordKill(deps, target, "success", { ...ended, revocations: revocations.length });
  return result;
}

/**
 * Lets a person in again whom a kill switch shut out. What it ended stays ended: they sign in, connect
 * and make keys anew.
 *
 * @throws {NotFoundError} there is nobody, or they are not shut out
 */
export async function liftKill(deps: Deps, userId: string): Promise<void> {
  await requireTarget(deps, { kind: "user", id: userId });
  if (!(await disableUser(deps, userId, null))) throw new NotFoundError();
}

type Step = Exclude<keyof KillResult, "revocations">;
/** In this order: what acts by itself first. Each ends some and says how many. */
const blocks: readonly [Step, (deps: Deps, target: KillTarget) => Promise<number>][] = [
  ["agents", blockAgents],
  ["leases", blockLeases],
  ["sessions", blockSessions],
  ["flows", blockFlows],
  ["grants", blockGrants],
];

async function untilNone(
  work: () => Promise<number>,
  tell: (done: number) => void,
): Promise<number> {
  let done = 0;
  for (let some = await again(work); some > 0; some = await again(work)) {
    done += some;
    tell(done);
  }
  return done;
}

/** Beside whatever else runs: a transaction that was set back against another is made anew. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isSetBack(error) || tries === mostTries) throw error;
    }
  }
}

const some = (deps: Deps) => ({ limit: blockBatch, now: deps.clock.now() });

function blockAgents(deps: Deps, target: KillTarget): Promise<number> {
  return inTransaction(deps.db, async (tx) => {
    const ended = await disableSomeAgents(tx, target, some(deps));
    for (const { id, teamId, ownerId, keysRevoked } of ended) {
      await record(deps, tx, "agent.disabled", {
        teamId,
        target: { kind: "agent", id },
        onBehalfOf: ownerId,
        detail: { keysRevoked },
      });
    }
    return ended.length;
  });
}

function blockLeases(deps: Deps, target: KillTarget): Promise<number> {
  return inTransaction(deps.db, (tx) => endSomeLeases(tx, target, some(deps)));
}

function blockSessions(deps: Deps, target: KillTarget): Promise<number> {
  return inTransaction(deps.db, async (tx) => {
    const ended = await endSomeSessions(tx, target, some(deps));
    for (const { id, teamId, userId } of ended) {
      await record(deps, tx, "session.ended", {
        teamId,
        target: { kind: "session", id },
        onBehalfOf: userId,
        detail: { reason: "killed" },
      });
    }
    return ended.length;
  });
}

async function blockFlows(deps: Deps, target: KillTarget): Promise<number> {
  const flows = await listOpenFlowsOf(deps.db, target, queueBatch);
  for (const flow of flows) {
    await inTransaction(deps.db, (tx) => endFlow(deps, tx, null, flow));
  }
  return flows.length;
}

function blockGrants(deps: Deps, target: KillTarget): Promise<number> {
  return inTransaction(deps.db, async (tx) => {
    const ended = await endSomeGrants(tx, target, some(deps));
    for (const { id, teamId, connectionId, userId } of ended) {
      await record(deps, tx, "grant.disconnected", {
        teamId,
        target: { kind: "grant", id },
        connectionId,
        onBehalfOf: userId,
        detail: {},
      });
      deps.accessTokens.drop(id);
    }
    return ended.length;
  });
}

async function queueTokens(
  deps: Deps,
  target: KillTarget,
  { asksProviders }: { asksProviders: boolean },
  tell: (queued: Revocation[]) => void,
): Promise<void> {
  while (true) {
    const grants = await listUnqueued(deps.db, target, queueBatch);
    if (grants.length === 0) return;
    const queued = await again(() => queueSome(deps, grants));
    const asked = asksProviders ? await attemptRevocations(deps, null, queued) : new Map();
    tell(queued.map((each) => asked.get(each.id) ?? each));
  }
}

const queueSome = (deps: Deps, grants: readonly { id: string; teamId: string }[]) =>
  inTransaction(deps.db, async (tx) => {
    const queued: Revocation[] = [];
    for (const { id, teamId } of grants) {
      const grant = await lockGrant(tx, { teamId }, id);
      // Connected again meanwhile: that token is another one, and not ours to end.
      if (grant?.state !== "disconnected") continue;
      const revocation = await queueGrantToken(deps, tx, null, grant, "killed");
      await forgetToken(tx, id);
      if (revocation) queued.push(revocation);
    }
    return queued;
  });

function disableUser(deps: Deps, userId: string, disabledAt: Date | null): Promise<boolean> {
  return inTransaction(deps.db, async (tx) => {
    if (!(await setUserDisabled(tx, userId, disabledAt))) return false;
    const action = disabledAt === null ? "user.enabled" : "user.disabled";
    for (const teamId of await teamsOf(deps.db, { kind: "user", id: userId })) {
      await record(deps, tx, action, {
        teamId,
        target: { kind: "user", id: userId },
        onBehalfOf: userId,
        detail: {},
      });
    }
    return true;
  });
}

async function requireTarget(deps: Pick<Deps, "db">, target: KillTarget): Promise<void> {
  if (target.kind === "all") return;
  const isThere =
    target.kind === "user"
      ? await userExists(deps.db, target.id)
      : (await teamsOf(deps.db, target)).length > 0;
  if (!isThere) throw new NotFoundError(`there is no ${target.kind} ${target.id}`);
}

/** In the chain of the team that it is about. */
async function record(
  deps: Deps,
  tx: Transaction,
  action: AuditAction,
  about: {
    teamId: string;
    target: { kind: string; id: string };
    connectionId?: string;
    onBehalfOf: string;
    detail: Record<string, string | number>;
  },
): Promise<void> {
  const { detail, ...of } = about;
  await recordEvent(tx, deps, {
    action,
    principal: null,
    ...of,
    result: "success",
    detail: { ...detail, cause: "killed", by: "operator" },
  });
}

/** In the instance's own chain: that it was begun, and what it came to. */
const recordKill = (
  deps: Deps,
  { kind, id }: KillTarget,
  result: "intent" | "success",
  counts: Partial<Record<string, number>>,
) =>
  inTransaction(deps.db, (tx) =>
    recordEvent(tx, deps, {
      action: "studio.killed",
      principal: null,
      ...(id === null ? {} : { target: { kind, id } }),
      result,
      detail: { kind, ...(counts as Record<string, number>) },
    }),
  );

export type { KillCounts, KillTarget };
