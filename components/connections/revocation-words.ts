import { providerNames } from "#components/connections/provider-icon.tsx";
import { clockTime, exactTime, shortDate } from "#lib/core/relative-time.ts";
import type { RevocationJson } from "#lib/grants/schema.ts";

type Tone = "good" | "warn" | "quiet";

export type RevocationLine = {
  headline: string;
  /** Sentences: what was said, what comes next, until when access may last. */
  details: string[];
  tone: Tone;
};

const causes: Readonly<Record<RevocationJson["cause"], string>> = {
  disconnected: "Disconnected",
  connection_deleted: "Connection deleted",
  replaced: "Replaced by a new sign-in",
  definition_changed: "Set-up changed",
  sign_in_unused: "Sign-in not used",
  superseded: "Refreshed too late",
  killed: "Emergency stop",
  member_removed: "Left the team",
};
export const causeWords = (cause: RevocationJson["cause"]): string => causes[cause];

/** Somebody may have to do something: the provider has not confirmed, and may never. */
export const isLeftOpen = ({ state }: Pick<RevocationJson, "state">): boolean =>
  state !== "confirmed";

/** How the end of one token at its provider stands, and until when access may last. */
export function revocationLine(
  revocation: RevocationJson,
  now: Date,
  timeZone = "UTC",
): RevocationLine {
  const provider = providerNames[revocation.provider];
  const at = (iso: string) => {
    const time = new Date(iso);
    const isNear = Math.abs(time.getTime() - now.getTime()) < 18 * 60 * 60 * 1000;
    return isNear
      ? clockTime(time, timeZone)
      : `${shortDate(time, now, timeZone)}, ${clockTime(time, timeZone)}`;
  };
  const day = (iso: string) => shortDate(new Date(iso), now, timeZone);
  const { state, attempts, settledAt, nextAttemptAt, givesUpAt } = revocation;
  const answer = answerOf(revocation);
  switch (state) {
    case "confirmed":
      return {
        headline: `${provider} confirmed that the token is ended`,
        details: [`${exactTime(new Date(settledAt ?? now), timeZone)}${answer && `, ${answer}`}.`],
        tone: "good",
      };
    case "pending":
      return attempts === 0
        ? { headline: `${provider} is being asked to end the token`, details: [], tone: "quiet" }
        : {
            headline: `${provider} has not confirmed that the token is ended`,
            details: [
              `Asked ${attempts === 1 ? "once" : `${attempts} times`}: ${answer || "no answer"}.`,
              ...(nextAttemptAt && givesUpAt
                ? [`The studio asks again at ${at(nextAttemptAt)}, and until ${day(givesUpAt)}.`]
                : []),
            ],
            tone: "warn",
          };
    case "refused":
      return {
        headline: `${provider} refused to end the token`,
        details: [answer ? `It said: ${answer}. Asking again will not help.` : ""],
        tone: "warn",
      };
    case "gave_up":
      return {
        headline: `${provider} never confirmed that the token is ended`,
        details: [`Asked ${attempts} times in 30 days; the studio has deleted its copy.`],
        tone: "warn",
      };
    case "not_possible":
      return revocation.reason === null
        ? {
            headline: `${provider} has no call that ends a token`,
            details: lastingWords(revocation, now, at, day),
            tone: "quiet",
          }
        : {
            headline: "The stored token could not be opened, so nobody was asked",
            details: [`What ${provider} holds is ended there by hand.`],
            tone: "warn",
          };
  }
}

function answerOf({ httpStatus, providerRequestId }: RevocationJson): string {
  if (httpStatus === null) return "";
  return `status ${httpStatus}${providerRequestId === null ? "" : `, request ${providerRequestId}`}`;
}

function lastingWords(
  { accessEndsAt, sessionEndsAt }: RevocationJson,
  now: Date,
  at: (iso: string) => string,
  day: (iso: string) => string,
): string[] {
  const isAhead = (iso: string | null): iso is string => iso !== null && new Date(iso) > now;
  return [
    isAhead(accessEndsAt)
      ? `An access token that is out works until ${at(accessEndsAt)}, 20 minutes at most.`
      : "No access token is out any more.",
    ...(isAhead(sessionEndsAt)
      ? [
          `Marketing Cloud keeps the session until ${day(sessionEndsAt)} unless it is removed in Setup; the studio has deleted its key to it.`,
        ]
      : []),
  ];
}

/** What somebody can do at the provider, by hand. */
export function stepsByHand(revocation: RevocationJson): string[] {
  const who = revocation.username ?? "the person";
  return revocation.provider === "salesforce"
    ? [
        `An admin, in the org: Setup, then Connected Apps OAuth Usage (or External Client Apps OAuth Usage), open the app and press Revoke beside ${who}.`,
        "The person: personal Settings, then Connections, and Revoke beside the app.",
      ]
    : [
        `An admin, in Marketing Cloud: Setup, then Installed Packages, open the package, and take ${who} out on its Access tab.`,
        "Signing out of Marketing Cloud everywhere, or a new password, ends the session as well.",
      ];
}
