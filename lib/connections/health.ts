import type { ConnectionJson, HealthKind } from "#lib/connections/schema.ts";
import { lengthInWords, relativeTime } from "#lib/core/relative-time.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

/** How long before its idle deadline a grant is announced (RF-11). */
export const IDLE_SOON_DAYS = 7;

/** Refreshes that fail in a row before anybody hears of it: one or two pass by themselves. */
export const FAILING_FROM = 3;

/** Worst first; the keys are all kinds, so that a new one cannot be forgotten here. */
const rank: Record<HealthKind, number> = {
  needs_reconnect: 0,
  app_refused: 1,
  missing_scopes: 2,
  idle_soon: 3,
  refresh_failing: 4,
  not_connected: 5,
  connected: 6,
};
export const worstFirst = (Object.keys(rank) as HealthKind[]).sort((a, b) => rank[a] - rank[b]);

/** Whether somebody has to do something about it. A connection one has never made does not count. */
export function needsAttention(health: HealthKind): boolean {
  return rank[health] < rank.not_connected;
}

/**
 * Health of one person's grant, from what is stored about it.
 *
 * @param grant - null where the person has none
 * @param isAppRefused - the provider refuses the app that everybody under the connection signs in by
 */
export function healthOf(
  grant: {
    state: "active" | "needs_reconnect" | "disconnected";
    missingScopes: readonly string[];
    idleDeadline: Date | null;
    refreshFailures: number;
  } | null,
  now: Date,
  isAppRefused = false,
): HealthKind {
  if (grant === null || grant.state === "disconnected") return "not_connected";
  if (grant.state === "needs_reconnect") return "needs_reconnect";
  if (isAppRefused) return "app_refused";
  if (grant.missingScopes.length > 0) return "missing_scopes";
  const leftMs = (grant.idleDeadline?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
  if (leftMs < IDLE_SOON_DAYS * DAY_MS) return "idle_soon";
  return grant.refreshFailures >= FAILING_FROM ? "refresh_failing" : "connected";
}

export type Counts = Readonly<Record<HealthKind, number>>;

/** The worst kind that occurs at all; null where nothing is. */
export function worstHealth(counts: Counts): HealthKind | null {
  return worstFirst.find((kind) => counts[kind] > 0) ?? null;
}

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

/** "2 to reconnect", "1 misses scopes": a count as the banner and the cards say it. */
export function countInWords(health: HealthKind, count: number): string {
  switch (health) {
    case "needs_reconnect":
      return `${count} to reconnect`;
    case "app_refused":
      return plural(count, "app refused", "apps refused");
    case "missing_scopes":
      return plural(count, "misses scopes", "miss scopes");
    case "idle_soon":
      return plural(count, "goes idle soon", "go idle soon");
    case "refresh_failing":
      return plural(count, "gets no new token", "get no new tokens");
    case "not_connected":
      return `${count} not connected`;
    case "connected":
      return `${count} connected`;
  }
}

/** What the banner sums up, worst first; empty when all is well. */
export function attentionOf(
  counts: Counts,
): { health: HealthKind; count: number; words: string }[] {
  return worstFirst
    .filter((health) => needsAttention(health) && counts[health] > 0)
    .map((health) => ({
      health,
      count: counts[health],
      words: countInWords(health, counts[health]),
    }));
}

/** A health as a filter names it. */
export const healthWords: Record<HealthKind, string> = {
  needs_reconnect: "Needs reconnect",
  app_refused: "App refused",
  missing_scopes: "Scopes missing",
  idle_soon: "Goes idle soon",
  refresh_failing: "No new token",
  not_connected: "Not connected",
  connected: "Connected",
};

/** Why a grant has to be renewed, or gets no new token, in about five words; the decoder says the rest. */
const reasonWords: Readonly<Record<string, string>> = {
  grant_pushed_out: "Pushed out by another sign-in",
  reconnect_required: "The provider ended it",
  flow_interrupted: "A sign-in broke off",
  refresh_interrupted: "A refresh broke off",
  definition_changed: "Its set-up was changed",
  unreadable_secret: "Its token cannot be opened",
  no_refresh_token: "Cannot stay connected",
  app_blocked: "The org blocks the app",
  app_not_installed: "The app is not installed",
  app_not_found: "The app is gone",
  client_rejected: "The app was refused",
  user_inactive: "The user is inactive",
  org_inactive: "The org is inactive",
  user_not_licensed: "No licence for the package",
  user_not_approved: "The user is not approved",
  ip_restricted: "Refused from this network",
  wrong_business_unit: "Another business unit answered",
  wrong_identity: "Somebody else signed in",
  provider_down: "The provider is not answering",
  connection_timeout: "The provider answers too late",
  rate_limited: "The provider asks to wait",
  login_hours: "Outside the user's login hours",
  answer_not_trusted: "An answer nobody can trust",
};

export type HealthLine = { headline: string; detail: string };

/**
 * The two lines that say how a connection is doing and why.
 *
 * @param loss - what will not work for lack of scopes, in a few words
 */
export function healthLine(
  connection: Pick<ConnectionJson, "health" | "myGrant" | "grants" | "provider" | "problem">,
  now: Date,
  {
    timeZone = "UTC",
    loss = "Part of it will not work",
  }: { timeZone?: string; loss?: string } = {},
): HealthLine {
  const { health, myGrant, grants } = connection;
  switch (health) {
    case "connected":
      return {
        headline: "Connected",
        detail: myGrant?.lastProvenAt
          ? `Proven ${relativeTime(new Date(myGrant.lastProvenAt), now, { timeZone })}`
          : "Not proven by a call yet",
      };
    case "idle_soon": {
      const leftMs = new Date(myGrant?.idleDeadline ?? now).getTime() - now.getTime();
      return leftMs <= 0
        ? { headline: "Idle too long", detail: "Reconnect to use it again" }
        : { headline: `Goes idle in ${lengthInWords(leftMs)}`, detail: "Any call keeps it alive" };
    }
    case "app_refused":
      return {
        headline: "App refused",
        detail: reasonWords[connection.problem?.reason ?? ""] ?? "An admin there can change it",
      };
    case "refresh_failing": {
      const waitMs = new Date(myGrant?.refresh.retryAt ?? now).getTime() - now.getTime();
      const next =
        waitMs <= 0 ? "next try at the next use" : `next try in ${lengthInWords(waitMs)}`;
      return {
        headline: reasonWords[myGrant?.refresh.problem ?? ""] ?? "No new token just now",
        detail: `Nothing lost, ${next}`,
      };
    }
    case "missing_scopes":
      return {
        headline: plural(myGrant?.missingScopes.length ?? 0, "scope missing", "scopes missing"),
        detail: loss,
      };
    case "needs_reconnect":
      return {
        headline: "Needs reconnect",
        detail: reasonWords[myGrant?.reason ?? ""] ?? "The provider no longer accepts it",
      };
    case "not_connected":
      return { headline: "Not connected", detail: whoElse(grants, now, timeZone) };
  }
}

function whoElse(grants: ConnectionJson["grants"], now: Date, timeZone: string): string {
  const others = grants.filter((grant) => grant.state !== "disconnected");
  const [first] = others;
  if (first === undefined) return "Nobody has connected it";
  if (others.length > 1) return `${others.length} teammates are connected`;
  const when = relativeTime(new Date(first.connectedAt), now, { timeZone });
  return `${first.user.name.split(/\s+/)[0]} connected it ${when}`;
}

/** The one thing to do about a row. Only `reconnect` is tinted. */
export const rowActions: Record<HealthKind, { verb: string; does: "open" | "connect" }> = {
  needs_reconnect: { verb: "Reconnect", does: "connect" },
  app_refused: { verb: "Open", does: "open" },
  missing_scopes: { verb: "Add scopes", does: "connect" },
  idle_soon: { verb: "Open", does: "open" },
  refresh_failing: { verb: "Open", does: "open" },
  not_connected: { verb: "Connect", does: "connect" },
  connected: { verb: "Open", does: "open" },
};

/** "514 012 388": in threes for reading; copy the number itself. */
export function midInGroups(mid: number): string {
  return String(mid).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** "k3v9s1…yzt4": enough to recognise an app by. */
export function shortened(id: string, head = 6, tail = 4): string {
  return id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`;
}

/**
 * A host as a row shows it: `acme.my.salesforce.com` is `acme.my`, and under its production org
 * `acme--uat.sandbox.my.salesforce.com` is `--uat.sandbox`.
 *
 * @param parentHost - host of the row it is nested under, or null
 */
export function rowHost(host: string, parentHost: string | null = null): string {
  const sandbox = host.match(
    /^(?<org>[a-z0-9-]+?)(?<name>--[a-z0-9-]+\.sandbox)\.my\.salesforce\.com$/,
  );
  if (sandbox?.groups) {
    const { org, name } = sandbox.groups;
    const isParents = parentHost?.startsWith(`${org}.`);
    return isParents ? (name ?? host) : `${org}${name}`;
  }
  return host.replace(/\.my\.salesforce\.com$/, ".my");
}
