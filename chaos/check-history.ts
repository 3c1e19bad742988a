import type { GrantVersion, History, Presentation } from "./history.ts";

export type Violation = { rule: string; what: string };

/** How long a revoked key, or the token of an ended grant, may still be served somewhere. */
const heardWithinMs = 1_000;
/** The longest that a run keeps the database away, and time to come back to it. */
const writtenWithinMs = 20_000;
/** Commit times are exact to the microsecond, times of calls to the millisecond. */
const clockSlackMs = 1;

export const trailActions = {
  lease: "lease.issued",
  refresh: "grant.refreshed",
  grantEnded: "grant.disconnected",
  keyRevoked: "agent_key.revoked",
} as const;

/** The reason of a grant whose answer was lost, after the one try to recover it (RF-6). */
const interrupted = "refresh_interrupted";

/**
 * Holds a run's history against what must never happen, whatever broke in it. Pure: the same history
 * gives the same violations.
 */
export function checkHistory(history: History): Violation[] {
  const index = indexOf(history);
  return rules.flatMap(([rule, check]) => check(history, index).map((what) => ({ rule, what })));
}

type Index = ReturnType<typeof indexOf>;

function indexOf(history: History) {
  const versionsOf = Map.groupBy(history.versions, ({ grantId }) => grantId);
  const firstWith = new Map<string, GrantVersion>();
  for (const version of history.versions) {
    if (version.refreshToken !== null && !firstWith.has(version.refreshToken))
      firstWith.set(version.refreshToken, version);
  }
  const pairs = new Map<string, string>();
  for (const { accessToken, refreshToken } of history.signIns) pairs.set(accessToken, refreshToken);
  for (const { work } of history.presentations) {
    if (work.did === "rotate") pairs.set(work.accessToken, work.refreshToken);
  }
  return {
    versionsOf,
    /** The commit that made a refresh token the grant's. */
    commitOf: (refreshToken: string) => firstWith.get(refreshToken),
    /** The refresh token that came in the same answer as an access token. */
    partnerOf: (accessToken: string) => pairs.get(accessToken),
    presentationsOf: Map.groupBy(history.presentations, ({ refreshToken }) => refreshToken),
  };
}

const rules: readonly (readonly [string, (history: History, index: Index) => string[]])[] = [
  ["a refresh token is presented once", presentedOnce],
  ["a grant's tokens are never presented twice at once", neverAtOnce],
  ["nobody is served a token that is not committed", committedBeforeUse],
  ["versions and generations only go forward", onlyForward],
  ["an answer that arrived is kept", answersAreKept],
  ["no grant is lost without a cause", lostWithCause],
  ["what was ended serves nobody", endedStaysEnded],
  ["every effect has its event", effectsHaveEvents],
  ["every grant that is not lost serves again", servesAgain],
  ["the trail's chains hold", ({ brokenChains }) => [...brokenChains]],
];

/** The provider did something, and those who asked may not have learnt it. */
function isLost({ kills }: History, presented: Presentation, untilMs: number): boolean {
  return (
    presented.answer !== "whole" ||
    kills.some(
      ({ instance, atMs }) =>
        instance === presented.instance && atMs >= presented.atMs && atMs <= untilMs,
    )
  );
}

function presentedOnce(history: History, { presentationsOf }: Index): string[] {
  const found: string[] = [];
  for (const [token, presented] of presentationsOf) {
    presented.forEach((later, at) => {
      const earlier = presented.slice(0, at);
      const refusals = earlier.filter(({ work }) => work.did === "refuse");
      if (refusals.some((refusal) => !isLost(history, refusal, later.atMs))) {
        found.push(`${mark(token)} came again after it had been refused: ${story(presented)}`);
      }
      const rotation = earlier.find(({ work }) => work.did === "rotate");
      if (!rotation) return;
      if (!isLost(history, rotation, later.atMs)) {
        found.push(`${mark(token)} came again, and its answer had arrived: ${story(presented)}`);
      }
      if (triesAfter(history, rotation, presented.slice(0, at + 1), later.atMs).length > 1) {
        found.push(`more than one try to recover ${mark(token)}: ${story(presented)}`);
      }
    });
  }
  return found;
}

/**
 * Tries to recover that taught something: of a 500, or of an answer that was lost too, nobody learns
 * whether the token is spent.
 */
const triesAfter = (
  history: History,
  rotation: Presentation,
  presented: readonly Presentation[],
  untilMs: number,
) =>
  presented.slice(presented.indexOf(rotation) + 1).filter((tried, at, tries) => {
    const nextMs = tries[at + 1]?.atMs ?? untilMs;
    return tried.work.did !== "nothing" && !isLost(history, tried, nextMs);
  });

const story = (presented: readonly Presentation[]) =>
  presented
    .map(({ instance, atMs, work, answer }) => `${instance} ${atMs} ${work.did}, answer ${answer}`)
    .join("; ");

function neverAtOnce(history: History, { commitOf }: Index): string[] {
  // A new sign-in goes on beside the late answer to an old one, which counts for nothing (RF-13).
  const ofGrant = Map.groupBy(history.presentations, ({ refreshToken }) => {
    const commit = commitOf(refreshToken);
    return commit ? `${commit.grantId}, generation ${commit.generation}` : refreshToken;
  });
  const found: string[] = [];
  for (const [grant, presented] of ofGrant) {
    presented.forEach((later, at) => {
      const open = presented.slice(0, at).filter((earlier) => isOpen(history, earlier, later.atMs));
      for (const earlier of open) {
        found.push(
          `${grant}: ${mark(later.refreshToken)} came at ${later.atMs} by ${later.instance} while ${mark(earlier.refreshToken)} of ${earlier.atMs} by ${earlier.instance} had no answer`,
        );
      }
    });
  }
  return found;
}

/** Somebody alive still waits for its answer. */
function isOpen({ kills }: History, presented: Presentation, atMs: number): boolean {
  const { endedAtMs } = presented;
  if (endedAtMs !== null && endedAtMs <= atMs) return false;
  return !kills.some(
    (kill) =>
      kill.instance === presented.instance && kill.atMs >= presented.atMs && kill.atMs <= atMs,
  );
}

function committedBeforeUse({ uses }: History, { partnerOf, commitOf }: Index): string[] {
  return uses.flatMap(({ accessToken, atMs, by, instance }) => {
    const refreshToken = partnerOf(accessToken);
    if (refreshToken === undefined) return [`${by} at ${atMs} with a token that nobody gave`];
    const commit = commitOf(refreshToken);
    const where = `${by} at ${atMs} by ${instance}`;
    if (!commit) return [`${where} with a token that never was committed`];
    if (commit.committedAtMs <= atMs + clockSlackMs) return [];
    return [`${where}, ${commit.committedAtMs - atMs} ms before its token was committed`];
  });
}

function onlyForward(_: History, { versionsOf }: Index): string[] {
  const found: string[] = [];
  for (const [grant, versions] of versionsOf) {
    versions.forEach((version, at) => {
      const before = versions[at - 1];
      if (!before) return;
      const steps = `${before.generation}/${before.tokenVersion} → ${version.generation}/${version.tokenVersion}`;
      if (
        version.generation < before.generation ||
        version.tokenVersion < before.tokenVersion ||
        (isNewToken(before, version) && version.tokenVersion === before.tokenVersion)
      ) {
        found.push(`${grant}: ${steps}`);
      }
      const old = versions
        .slice(0, at - 1)
        .some(({ refreshToken }) => refreshToken !== null && refreshToken === version.refreshToken);
      if (old && isNewToken(before, version))
        found.push(`${grant}: ${steps} brings an old token back`);
    });
  }
  return found;
}

const isNewToken = (before: GrantVersion, after: GrantVersion) =>
  after.refreshToken !== null && after.refreshToken !== before.refreshToken;

function answersAreKept(history: History, { commitOf, versionsOf }: Index): string[] {
  return history.presentations.flatMap((presented) => {
    const { work } = presented;
    if (work.did !== "rotate" || commitOf(work.refreshToken)) return [];
    if (isLost(history, presented, presented.atMs + writtenWithinMs)) return [];
    const spent = commitOf(presented.refreshToken);
    const next = versionsOf
      .get(spent?.grantId ?? "")
      ?.find(({ generation }) => generation > (spent?.generation ?? 0));
    // Ended or made anew meanwhile: the late result is dropped (RF-13).
    if (next && next.state !== "needs_reconnect") return [];
    return [
      `the answer of ${presented.atMs} to ${presented.instance} arrived and was never stored`,
    ];
  });
}

function lostWithCause(history: History, { versionsOf, presentationsOf }: Index): string[] {
  const found: string[] = [];
  for (const [grant, versions] of versionsOf) {
    versions.forEach((version, at) => {
      const before = versions[at - 1];
      if (version.state !== "needs_reconnect" || before?.state !== "active") return;
      const lost = `${grant} was lost at ${version.committedAtMs}`;
      const presented = presentationsOf.get(before.refreshToken ?? "") ?? [];
      const rotation = presented.find(({ work }) => work.did === "rotate");
      if (version.reason !== interrupted) {
        found.push(`${lost} with the reason ${version.reason}: ${story(presented)}`);
      }
      if (!rotation || !isLost(history, rotation, version.committedAtMs)) {
        found.push(`${lost}, and no answer to its token was lost`);
      } else if (triesAfter(history, rotation, presented, version.committedAtMs).length !== 1) {
        found.push(`${lost}, not after one try to recover: ${story(presented)}`);
      }
    });
  }
  return found;
}

function endedStaysEnded(history: History, { partnerOf, commitOf, versionsOf }: Index): string[] {
  const found: string[] = [];
  for (const end of history.ends) {
    if (end.what === "key") {
      for (const { keyId, what, instance, sentAtMs, isServed } of history.answers) {
        if (keyId !== end.id || !isServed || sentAtMs <= graceOf(history, instance, end)) continue;
        found.push(
          `${what} by ${instance} with key ${end.id}, ${sentAtMs - end.answeredAtMs} ms after its revocation`,
        );
      }
      continue;
    }
    const ending = versionsOf
      .get(end.id)
      ?.findLast(
        ({ state, committedAtMs }) =>
          state === "disconnected" && committedAtMs <= end.answeredAtMs + clockSlackMs,
      );
    if (!ending) {
      found.push(`${end.id} was confirmed as disconnected and is not`);
      continue;
    }
    for (const { accessToken, atMs, by, instance } of history.uses) {
      const commit = commitOf(partnerOf(accessToken) ?? "");
      if (commit?.grantId !== end.id || commit.generation >= ending.generation) continue;
      if (atMs <= graceOf(history, instance, end)) continue;
      found.push(
        `${by} by ${instance} from grant ${end.id}, ${atMs - end.answeredAtMs} ms after its disconnect`,
      );
    }
  }
  return found;
}

/** Until when an instance may not have heard of an end: it hears nothing while it is paused. */
function graceOf(history: History, instance: string, { answeredAtMs }: { answeredAtMs: number }) {
  let grace = answeredAtMs + heardWithinMs;
  const pauses = history.pauses
    .filter((pause) => pause.instance === instance && pause.toMs > answeredAtMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  for (const { fromMs, toMs } of pauses) {
    if (fromMs <= grace) grace = Math.max(grace, toMs + heardWithinMs);
  }
  return grace;
}

function effectsHaveEvents(history: History, { versionsOf }: Index): string[] {
  const found: string[] = [];
  const counts = new Map<string, number>();
  for (const { action, targetId, isSuccess } of history.events) {
    if (isSuccess)
      counts.set(`${action} ${targetId}`, (counts.get(`${action} ${targetId}`) ?? 0) + 1);
  }
  const count = (action: string, id: string) => counts.get(`${action} ${id}`) ?? 0;
  const expect = (action: string, id: string, times: number) => {
    if (count(action, id) !== times)
      found.push(`${action} of ${id}: ${times} times done, ${count(action, id)} events`);
  };
  for (const id of history.leaseIds) expect(trailActions.lease, id, 1);
  for (const { what, isServed, leaseId } of history.answers) {
    if (what === "lease" && isServed && !history.leaseIds.has(leaseId ?? ""))
      found.push(`lease ${leaseId} was given and is not in the database`);
  }
  for (const [grant, versions] of versionsOf) {
    const refreshed = versions.filter((version, at) => {
      const before = versions[at - 1];
      return before && before.generation === version.generation && isNewToken(before, version);
    });
    expect(trailActions.refresh, grant, refreshed.length);
    // A second disconnect of the same authorization is confirmed and changes nothing.
    const ended = versions.filter(
      ({ state }, at) => state === "disconnected" && versions[at - 1]?.state !== state,
    );
    expect(trailActions.grantEnded, grant, ended.length);
  }
  for (const end of history.ends) {
    if (end.what === "key") expect(trailActions.keyRevoked, end.id, 1);
  }
  return found;
}

function servesAgain({ healed }: History, { versionsOf }: Index): string[] {
  return healed.flatMap(({ grantId, isServed, detail }) => {
    const { state, reason } = versionsOf.get(grantId)?.at(-1) ?? {};
    if (state === "active" && !isServed) return [`${grantId} is active and answers ${detail}`];
    if (state !== "active" && isServed) return [`${grantId} is ${state} (${reason}) and serves`];
    return [];
  });
}

/** Enough of a token to find it again. */
const mark = (token: string) => `…${token.slice(-12)}`;
