import { IdentityTakenError, RecentSignInNeededError, ThrottledError } from "#lib/auth/errors.ts";
import { linkIdentity } from "#lib/auth/link-identity.ts";
import { networkOf } from "#lib/auth/network.ts";
import type { Client, OpenedSession } from "#lib/auth/open-session.ts";
import type { SignInProblem } from "#lib/auth/schema.ts";
import { findLiveSession } from "#lib/auth/sessions.ts";
import type { Callback, ProvenIdentity, SignInWays, WayFailure } from "#lib/auth/sign-in-ways.ts";
import { type IdentityDeps, signInWithIdentity } from "#lib/auth/sign-in-with-identity.ts";
import { beginAttempt, networkPolicy, refundAttempt, throttleKey } from "#lib/auth/throttle.ts";
import { stateHashOf, WAY_RUN_SECONDS, type WayRun } from "#lib/auth/way-cookies.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Secret } from "#lib/core/secret.ts";

export type WayDeps = IdentityDeps & { signInWays: SignInWays; log: Logger };

export type WayOutcome =
  | { kind: "signed-in"; opened: OpenedSession }
  | { kind: "linked" }
  | { kind: "needs-linking"; token: Secret }
  | { kind: "problem"; problem: SignInProblem };

const problemOf: Readonly<Record<WayFailure["reason"], SignInProblem>> = {
  unreachable: "auth.way_unreachable",
  misconfigured: "auth.way_misconfigured",
  refused: "auth.way_refused",
  untrusted: "auth.way_refused",
};

/**
 * Takes the callback of one run, once: it is claimed before anything is sent, so that no copy of it
 * reaches the provider a second time (OA-2, OA-12); then the code is traded and the person proven.
 *
 * @param callback - its `state` was matched to the run's and to next-auth's own cookie
 */
export async function proveIdentity(
  deps: WayDeps,
  run: WayRun,
  callback: Callback,
  client: Client,
): Promise<
  { kind: "proven"; identity: ProvenIdentity } | { kind: "problem"; problem: SignInProblem }
> {
  const network = throttleKey("sign-in-way-network", networkOf(client.address));
  const bucket = { key: network, policy: networkPolicy };
  try {
    await beginAttempt(deps, [bucket]);
  } catch (error) {
    if (error instanceof ThrottledError) return { kind: "problem", problem: "auth.throttled" };
    throw error;
  }
  if (!(await claimState(deps, callback.state))) {
    return { kind: "problem", problem: "auth.sign_in_expired" };
  }
  const answer = await deps.signInWays.identify(run.way, callback);
  if (answer.kind === "failed") {
    const { reason, fault } = answer;
    const code = `${reason}:${fault}`;
    const level = reason === "misconfigured" || reason === "untrusted" ? "warn" : "info";
    deps.log[level]("identity provider", { requestId: client.requestId, provider: run.way, code });
    return { kind: "problem", problem: problemOf[reason] };
  }
  await refundAttempt(deps, bucket);
  return answer;
}

async function claimState(deps: WayDeps, state: string): Promise<boolean> {
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + 2 * WAY_RUN_SECONDS * 1_000);
  await deps.db.spentState.deleteMany({ where: { expiresAt: { lte: now } } });
  const stateHash = Uint8Array.from(Buffer.from(stateHashOf(state), "base64"));
  const { count } = await deps.db.spentState.createMany({
    data: [{ stateHash, expiresAt }],
    skipDuplicates: true,
  });
  return count === 1;
}

/**
 * What a proven identity comes to: a session, or a link to the session that asked for one.
 *
 * @param token - of the session that this browser has
 */
export async function settleRun(
  deps: WayDeps,
  run: WayRun,
  identity: ProvenIdentity,
  token: Secret | null,
  client: Client,
): Promise<WayOutcome> {
  if (run.intent === "sign-in") {
    const found = await signInWithIdentity(deps, identity, token, client);
    return found.kind === "refused" ? { kind: "problem", problem: found.problem } : found;
  }
  const live = token ? await findLiveSession(deps, token) : null;
  if (!live || live.principal.sessionId !== run.sessionId) {
    return { kind: "problem", problem: "auth.sign_in_expired" };
  }
  try {
    await linkIdentity(deps, live.principal, identity, client);
    return { kind: "linked" };
  } catch (error) {
    if (error instanceof IdentityTakenError || error instanceof RecentSignInNeededError) {
      return { kind: "problem", problem: error.code };
    }
    throw error;
  }
}
