import type { Connection } from "#lib/connections/connection.ts";
import { IDLE_SOON_DAYS, midInGroups } from "#lib/connections/health.ts";
import type { GrantRecord } from "#lib/connections/repository.ts";
import { lossWithout } from "#lib/connections/scope-loss.ts";
import { lengthInWords } from "#lib/core/relative-time.ts";
import type { Asked, ClockReading } from "#lib/doctor/ask.ts";
import { judgeClock } from "#lib/doctor/clock-rule.ts";
import { judgeHost } from "#lib/doctor/host-rule.ts";
import { fail, type LineName, pass, unknown } from "#lib/doctor/line.ts";
import type { Line, LineAction } from "#lib/doctor/schema.ts";
import { brokeOff, failFor, failOrOpen } from "#lib/doctor/words.ts";
import type { DecoderFacts } from "#lib/grants/decoder.ts";
import { isSameIdentity, isSameOrg } from "#lib/grants/identity.ts";
import type {
  ApiFacts,
  Greeting,
  LimitFacts,
  PlaceFacts,
  WhoFacts,
} from "#lib/providers/checkup.ts";
import { isReasonCode, type ReasonCode } from "#lib/providers/reason-codes.ts";
import type { Surface } from "#lib/providers/vocabulary.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Below this part of the day's calls, the next job may stop in the middle. */
const SCARCE_SHARE = 0.05;

/** All that is known of a connection and of the one grant that asked. */
export type ConnectionFindings = {
  connection: Connection;
  /** The caller's own (TEN-4); null before the first sign-in. */
  grant: GrantRecord | null;
  hasLiveToken: boolean;
  /** Why none could be fetched, where that is known. */
  tokenRefusal: ReasonCode | null;
  missingScopes: readonly string[];
  now: Date;
  label: string;
  tokenHost: string;
  redirectUris: Readonly<Record<Surface, string>>;
  facts: DecoderFacts;
  login: Asked<Greeting>;
  who: Asked<WhoFacts>;
  api: Asked<ApiFacts>;
  /** Null where the provider has no such question. */
  place: Asked<PlaceFacts> | null;
  limits: Asked<LimitFacts> | null;
};

const reconnect: LineAction = { do: "connect", label: "Reconnect" };

/** The lines of a check after consent, in the order to read them. */
export function judgeConnection(found: ConnectionFindings): Line[] {
  return [
    judgeHost(
      { id: "host", title: "Host" },
      found.tokenHost,
      found.login,
      found.facts,
      found.label,
      "Compare it with the org's or package's Setup.",
    ),
    judgeToken(found),
    judgeWho(found),
    judgePlace(found),
    ...judgeEnvironment(found),
    judgeScopes(found),
    judgeApi(found),
    ...judgeApiAccess(found),
    judgeLimits(found),
    judgeIdle(found),
    judgeRedirects(found),
    judgeClock(clockOf(found), found.label),
  ];
}

const isActive = (grant: GrantRecord | null): grant is GrantRecord => grant?.state === "active";

/** The first reading there is: all came at the same time. */
function clockOf({ login, who, api }: ConnectionFindings): ClockReading | null {
  for (const asked of [login, who, api]) {
    if ((asked.kind === "answered" || asked.kind === "refused") && asked.clock) return asked.clock;
  }
  return null;
}

/** What to do where there is nothing to ask with. */
function openUntilConnected(what: LineName, { grant, label }: ConnectionFindings): Line {
  const verb = grant === null || grant.state === "disconnected" ? "Connect" : "Reconnect";
  return unknown(
    what,
    `Asking ${label} needs a live access token of yours, and there is none.`,
    `${verb}, then run the check again.`,
  );
}

function judgeToken(found: ConnectionFindings): Line {
  const { grant, hasLiveToken, tokenRefusal, now, label, facts } = found;
  const what = { id: "token", title: "Access token" };
  if (grant === null || grant.state === "disconnected") {
    return fail(
      what,
      "You have not connected here, so there is no token of yours.",
      `Connect with your own ${label} login. A teammate's is never used for you.`,
      { actions: [{ do: "connect", label: "Connect" }] },
    );
  }
  if (grant.state === "needs_reconnect") {
    const reason = grant.reason !== null && isReasonCode(grant.reason) ? grant.reason : null;
    return failFor(what, reason ?? "reconnect_required", facts);
  }
  const ends = grant.accessTokenExpiresAt;
  if (hasLiveToken) {
    return pass(
      what,
      ends === null
        ? "Live, in the studio's memory."
        : `Live, in the studio's memory, for another ${lengthInWords(ends.getTime() - now.getTime())}.`,
    );
  }
  if (tokenRefusal !== null) return failFor(what, tokenRefusal, facts);
  return fail(
    what,
    "No access token could be fetched just now.",
    "A refresh is under way, or the studio was busy. Check again in a moment.",
  );
}

function judgeWho(found: ConnectionFindings): Line {
  const what = { id: "who", title: "Who you are there" };
  const { who, grant, facts, label } = found;
  if (who.kind === "not_asked" || grant === null) return openUntilConnected(what, found);
  if (who.kind === "failed") return brokeOff(what);
  if (who.kind === "unreachable") return failOrOpen(what, who.reason, facts);
  if (who.kind === "refused") return failOrOpen(what, who.reason, facts, who.providerCode);
  const { username, displayName } = who.facts;
  const person = displayName && displayName !== username ? `${displayName}, ${username}` : username;
  if (!isSameIdentity(grant, { ...who.facts, orgId: grant.orgId, memberId: grant.memberId })) {
    return fail(
      what,
      `${label} answers for ${person}, and this connection was made as ${grant.username}.`,
      "Reconnect as the person it was made as, or confirm the other one.",
      { code: "wrong_identity", actions: [reconnect] },
    );
  }
  return pass(what, `${person}.`);
}

function judgePlace(found: ConnectionFindings): Line {
  const isOrg = found.connection.provider === "salesforce";
  const what = { id: "place", title: isOrg ? "Org" : "Business unit" };
  const { who, place, api, grant } = found;
  if (who.kind === "not_asked" || grant === null) return openUntilConnected(what, found);
  if (who.kind !== "answered") {
    return unknown(
      what,
      "It comes with the answer to who you are there, and there was none.",
      "Mend that line first, then run the check again.",
    );
  }
  if (isOrg) return judgeOrg(what, found, grant, who.facts, place);
  return judgeUnit(what, found, grant, who.facts, api);
}

function judgeOrg(
  what: LineName,
  { connection }: ConnectionFindings,
  grant: GrantRecord,
  who: WhoFacts,
  place: ConnectionFindings["place"],
): Line {
  const org = place?.kind === "answered" ? place.facts : null;
  const name = org?.name ?? grant.orgName;
  const where = [
    `org id ${who.orgId}`,
    ...(grant.instanceHost ? [grant.instanceHost] : []),
    ...(org?.instance ? [`instance ${org.instance}`] : []),
    ...(org?.edition ? [org.edition] : []),
  ].join(", ");
  const isAsStored = isSameOrg(grant.orgId, who.orgId) && isSameOrg(connection.orgId, who.orgId);
  if (!isAsStored) {
    return fail(
      what,
      `The token is for org id ${who.orgId}, and this connection is for ${grant.orgName ?? "org"} ${grant.orgId ?? connection.orgId}.`,
      "Reconnect in the right org. Sign out over there first, or use a private window.",
      { code: "wrong_identity", actions: [reconnect] },
    );
  }
  return pass(what, name === null ? `${where}.` : `${name}: ${where}.`);
}

function judgeUnit(
  what: LineName,
  { connection, facts }: ConnectionFindings,
  grant: GrantRecord,
  who: WhoFacts,
  api: Asked<ApiFacts>,
): Line {
  const wanted = connection.accountId ?? grant.memberId;
  const inApi = api.kind === "answered" ? api.facts.memberId : null;
  const actual = [who.memberId, inApi].find((mid) => mid !== null && mid !== wanted);
  if (actual !== undefined && actual !== null) {
    return failFor(what, "wrong_business_unit", {
      ...facts,
      accountId: wanted,
      actualAccountId: actual,
    });
  }
  const stack = who.stack === null ? "" : `, on stack ${who.stack}`;
  const of = who.enterpriseName === null ? "" : ` of ${who.enterpriseName}`;
  const mid = who.memberId === null ? "" : `MID ${midInGroups(who.memberId)}`;
  return pass(
    what,
    `${grant.orgName ?? "The business unit"} (${mid})${of}${stack}.${
      connection.accountId === null ? " No MID is pinned, so it follows who signs in." : ""
    }`,
  );
}

/** Marketing Cloud has one kind of tenant: there is no line for it. */
function judgeEnvironment(found: ConnectionFindings): Line[] {
  const what = { id: "environment", title: "Environment" };
  const { place, connection, facts } = found;
  if (place === null) return [];
  if (place.kind === "not_asked") return [openUntilConnected(what, found)];
  if (place.kind === "failed") return [brokeOff(what)];
  if (place.kind === "unreachable") return [failOrOpen(what, place.reason, facts)];
  if (place.kind === "refused") {
    return [
      unknown(
        what,
        `Your user may not read the org's own record (answer: ${place.providerCode}), which says whether it is a sandbox.`,
        "The right to view the record Organization makes it known. Nothing else needs it.",
      ),
    ];
  }
  const { isSandbox } = place.facts;
  const isPicked =
    connection.environment === "production"
      ? !isSandbox
      : connection.environment === "sandbox"
        ? isSandbox
        : true;
  const is = isSandbox ? "a sandbox" : "not a sandbox";
  if (isPicked) return [pass(what, `The org says that it is ${is}, which fits.`)];
  return [
    fail(
      what,
      `The org says that it is ${is}, and this connection says ${connection.environment}.`,
      "Make a connection with the right environment, so that nobody mistakes one for the other.",
      { code: "wrong_environment" },
    ),
  ];
}

function judgeScopes({ connection, grant, missingScopes, label }: ConnectionFindings): Line {
  const what = { id: "scopes", title: "Scopes" };
  if (!isActive(grant)) {
    return unknown(
      what,
      `${connection.scopes.length} are asked for; what is granted shows after signing in.`,
      "Connect, then run the check again.",
    );
  }
  if (missingScopes.length === 0) {
    return pass(what, `All ${connection.scopes.length} that were asked for are granted.`);
  }
  const losses = missingScopes.map(
    (scope) => `${scope}: ${lossWithout(connection.provider, scope)}`,
  );
  return fail(
    what,
    `${missingScopes.length} of ${connection.scopes.length} ${
      missingScopes.length === 1 ? "is" : "are"
    } not granted. ${losses.join(". ")}.`,
    connection.provider === "salesforce"
      ? "Add them to the app's OAuth scopes in Setup, then ask again."
      : "Tick them in the Installed Package, give it five minutes, then ask again.",
    {
      code: "missing_scope",
      actions: [
        { do: "connect", label: `Ask ${label} again` },
        { do: "copy", label: "Copy the missing scopes", text: missingScopes.join(" ") },
      ],
    },
  );
}

function judgeApi(found: ConnectionFindings): Line {
  const what = { id: "api", title: "API" };
  const { api, facts, label, connection } = found;
  switch (api.kind) {
    case "not_asked":
      return openUntilConnected(what, found);
    case "failed":
      return brokeOff(what);
    case "unreachable":
      return failFor(what, api.reason, facts);
    case "refused":
      return failFor(what, api.reason, facts, api.providerCode);
    case "answered":
      return pass(
        what,
        api.facts.version === null
          ? `${label}'s API takes the token and names the business unit.`
          : `${label}'s API answers${
              connection.instanceHost === null ? "" : ` at ${connection.instanceHost}`
            }, newest version ${api.facts.version}.`,
      );
  }
}

/** May this user call the API at all? The call for limits needs nothing but that. */
function judgeApiAccess(found: ConnectionFindings): Line[] {
  const what = { id: "api_access", title: "API Enabled" };
  const { limits, facts } = found;
  if (limits === null) return [];
  if (limits.kind === "not_asked") return [openUntilConnected(what, found)];
  if (limits.kind === "failed") return [brokeOff(what)];
  if (limits.kind === "unreachable") return [failOrOpen(what, limits.reason, facts)];
  if (limits.kind === "refused" && limits.reason !== "api_limit_reached") {
    return [failOrOpen(what, limits.reason, facts, limits.providerCode)];
  }
  return [pass(what, "The org has the API, and your user may call it.")];
}

function judgeLimits(found: ConnectionFindings): Line {
  const what = { id: "limits", title: "API calls left" };
  const { limits, facts, label } = found;
  if (limits === null) {
    return unknown(
      what,
      `${label} has no call that tells how many are left. Too many at once are refused for a while.`,
      "The account's contract names the number; a call that is refused for it says so in Activity.",
    );
  }
  if (limits.kind === "not_asked") return openUntilConnected(what, found);
  if (limits.kind === "failed") return brokeOff(what);
  if (limits.kind === "unreachable") return failOrOpen(what, limits.reason, facts);
  if (limits.kind === "refused") {
    return limits.reason === "api_limit_reached"
      ? failFor(what, limits.reason, facts, limits.providerCode)
      : unknown(
          what,
          `The org did not tell (answer: ${limits.providerCode}).`,
          "It becomes known once your user may call the API.",
        );
  }
  const { used, max } = limits.facts;
  const left = max - used;
  const words = `${inThousands(used)} of ${inThousands(max)} used in the last 24 hours, ${inThousands(left)} left.`;
  if (left <= 0) return failFor(what, "api_limit_reached", facts);
  if (left < max * SCARCE_SHARE) {
    return fail(
      what,
      words,
      "Nearly used up: a large job may stop in the middle. Setup › API Usage shows which app uses them.",
      { code: "api_limit_reached" },
    );
  }
  return pass(what, words);
}

const inThousands = (count: number) => new Intl.NumberFormat("en-US").format(count);

function judgeIdle({ grant, now, connection }: ConnectionFindings): Line {
  const what = { id: "idle", title: "Idle deadline" };
  if (!isActive(grant)) {
    return unknown(
      what,
      "It counts from a sign-in, and there is none.",
      "Connect, then run the check again.",
    );
  }
  if (grant.idleDeadline === null) {
    return unknown(
      what,
      "A custom app's own policy decides when an unused connection ends, and no call tells it.",
      "The admin finds it in the app's policies, under Refresh Token Policy.",
    );
  }
  const leftMs = grant.idleDeadline.getTime() - now.getTime();
  if (leftMs <= 0) {
    return fail(
      what,
      `It was not used for too long: the deadline passed ${lengthInWords(leftMs)} ago.`,
      "Reconnect.",
      { code: "reconnect_required", actions: [reconnect] },
    );
  }
  const words = `Ends in ${lengthInWords(leftMs)} unless it is used before.`;
  return leftMs < IDLE_SOON_DAYS * DAY_MS
    ? fail(
        what,
        words,
        `Use ${connection.name} once, or reconnect: either begins the count anew.`,
        {
          actions: [reconnect],
        },
      )
    : pass(what, words);
}

const surfaceNames = { web: "Web", desktop: "Desktop" } as const;

function judgeRedirects({ connection, grant, who, redirectUris, label }: ConnectionFindings): Line {
  const what = { id: "redirect_uris", title: "Redirect URIs" };
  const listed = who.kind === "answered" ? who.facts.redirectUris : null;
  const copy = (surfaces: readonly Surface[]): LineAction[] =>
    surfaces.map((surface) => ({
      do: "copy",
      label: `Copy ${surface} redirect URI`,
      text: redirectUris[surface],
    }));
  if (listed !== null) {
    const absent = connection.surfaces.filter((surface) => !listed.includes(redirectUris[surface]));
    if (absent.length === 0) return pass(what, "The package has all of this connection's.");
    return fail(
      what,
      `The package lacks ${absent.map((surface) => `${surfaceNames[surface]} ${redirectUris[surface]}`).join(" · ")}.`,
      "Add it to the package's API Integration, exactly like this. Five minutes later it works.",
      { code: "redirect_uri_mismatch", actions: copy(absent) },
    );
  }
  const proven = isActive(grant) ? [grant.surface] : [];
  const open = connection.surfaces.filter((surface) => !proven.includes(surface));
  if (open.length === 0) {
    return pass(what, `${surfaceNames[proven[0] ?? "web"]} is registered: your sign-in came back.`);
  }
  return unknown(
    what,
    `Only ${label} knows what is registered. Not proven yet: ${open.map((surface) => `${surfaceNames[surface]} ${redirectUris[surface]}`).join(" · ")}`,
    "A sign-in there proves it.",
    { actions: copy(open) },
  );
}
